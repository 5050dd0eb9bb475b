using System.Data.Common;

namespace Muniment.Journal.Storage;

/// <summary>Parameters of a command that runs many times with other values.</summary>
internal static class CommandParameters
{
    /// <summary>Adds one; a value of null stands for "set before each run" of a parameter whose type the first value tells.</summary>
    public static DbParameter Add(this DbCommand command, string name, object? value = null)
    {
        DbParameter parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value;
        command.Parameters.Add(parameter);
        return parameter;
    }
}
