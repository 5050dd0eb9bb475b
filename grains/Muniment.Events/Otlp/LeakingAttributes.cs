using System.Text;

namespace Muniment.Events.Otlp;

/// <summary>
/// Attributes that carry what nobody meant to log. They are cut out of every record, resource and scope before anything is hashed or stored, wherever a key
/// of this name occurs, and counted by name in <c>details.cut</c>.
/// </summary>
public static class LeakingAttributes
{
    private static readonly (string Name, string Why)[] Table =
    [
        ("process.command_args", "Gemini CLI puts the whole command line on the resource of logs, spans and metrics, with the prompt after -p, even when prompt logging is off."),
        ("process.command_line", "The same command line as one string (OpenTelemetry resource detectors, Windows)."),
        ("process.command", "The first part of the command line; wrappers put the whole of it here."),
        ("process.args", "ECS name of the command line's arguments."),
        ("process.title", "The process title, which holds the command line unless the process set another."),
        ("process.parent.command_line", "The caller's command line; a prompt given to a wrapper script stands there."),
        ("process.parent.command_args", "As above, in parts."),
        ("process.parent.args", "As above, ECS name."),
        ("process.environment_variable.", "Prefix: environment variables hold credentials."),
    ];

    private static readonly byte[][] Names = [.. Table.Select(row => Encoding.UTF8.GetBytes(row.Name))];

    /// <summary>Name (a trailing dot makes it a prefix) and the reason for each.</summary>
    public static IReadOnlyList<(string Name, string Why)> All => Table;

    /// <summary>Whether an attribute with this key is cut.</summary>
    public static bool Contains(ReadOnlySpan<byte> key)
    {
        if (!key.StartsWith("process."u8))
        {
            return false;
        }

        foreach (byte[] name in Names)
        {
            if (name[^1] == (byte)'.' ? key.StartsWith(name) : key.SequenceEqual(name))
            {
                return true;
            }
        }

        return false;
    }
}
