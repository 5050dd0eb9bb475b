namespace Muniment.Policy.Commands.Shell;

/// <summary>Variables a command sets itself, so that spreading a word over some of them hides nothing. A value of null was set to something unknown.</summary>
internal sealed class ShellVariables
{
    private const int MaxVariables = 200;
    private const int MaxLength = 4096;

    private readonly Dictionary<string, string?> values = new(StringComparer.Ordinal)
    {
        ["HOME"] = "~", ["PWD"] = ".", ["TMPDIR"] = "/tmp", ["IFS"] = " ",
    };

    /// <summary>True when the variable is known; its value is null when it was set to something unknown.</summary>
    public bool TryGet(string name, out string? value) => values.TryGetValue(name, out value);

    public void Set(string name, ShellWord value)
    {
        if (values.Count < MaxVariables && name is not ("HOME" or "PWD"))
        {
            values[name] = value.IsDynamic || value.Text.Length > MaxLength ? null : value.Text;
        }
    }
}
