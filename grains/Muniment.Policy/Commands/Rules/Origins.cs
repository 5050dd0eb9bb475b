using System.Collections.Frozen;
using Muniment.Policy.Commands.Shell;

namespace Muniment.Policy.Commands.Rules;

/// <summary>Where a text that is to be run comes from.</summary>
internal enum Origin
{
    Here,
    Decoder,
    Network,
}

/// <summary>Finds where a text comes from, by the programs that make it.</summary>
internal static class Origins
{
    private const int MaxDepth = 4;

    private static readonly FrozenSet<string> Fetchers =
        new[] { "curl", "wget", "fetch", "http", "https", "aria2c", "lynx", "nc", "ncat", "netcat", "socat", "iwr", "irm", "invoke-webrequest", "invoke-restmethod", "ftp", "xh", "curlie", "w3m", "ssh" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The worst of all commands of a pipeline, and of the scripts in their words.</summary>
    public static Origin Of(IReadOnlyList<ShellCommand> commands, int depth = 0)
    {
        Origin worst = Origin.Here;
        foreach (ShellCommand command in commands)
        {
            Origin one = Of(command, depth);
            worst = one > worst ? one : worst;
        }

        return worst;
    }

    /// <summary>The worst of several scripts.</summary>
    public static Origin Of(IReadOnlyList<string> scripts, int depth = 0)
    {
        Origin worst = Origin.Here;
        foreach (string script in depth < MaxDepth ? scripts : [])
        {
            foreach (ShellPipeline pipeline in new ShellParser(script).Parse())
            {
                Origin one = Of(pipeline.Commands, depth + 1);
                worst = one > worst ? one : worst;
            }
        }

        return worst;
    }

    /// <summary>The program of a script that is one command; null when it is more.</summary>
    public static string? Program(string script) =>
        new ShellParser(script).Parse() is [{ Commands: [{ Words: [var program, ..] }] }] ? Invocation.ProgramName(program.Text) : null;

    private static Origin Of(ShellCommand command, int depth)
    {
        Origin inner = Of([.. command.Words.SelectMany(w => w.Inner)], depth + 1);
        ShellWord? program = command.Words.FirstOrDefault(w => !WrapperRules.IsTransparent(Invocation.ProgramName(w.Text)) && !w.Text.StartsWith('-'));
        if (program is null)
        {
            return inner;
        }

        string name = Invocation.ProgramName(program.Text);
        string[] arguments = [.. command.Words.Select(w => w.Text)];
        Origin own = Fetchers.Contains(name) ? Origin.Network : Decodes(name, arguments) ? Origin.Decoder : Origin.Here;
        return own > inner ? own : inner;
    }

    public static bool Decodes(string name, string[] arguments) => name switch
    {
        "base64" or "base32" or "basenc" => arguments.Any(a => a is "-d" or "-D" or "--decode" or "-di" || (a.StartsWith('-') && !a.StartsWith("--", StringComparison.Ordinal) && a.Contains('d'))),
        "xxd" => arguments.Any(a => a.StartsWith("-r", StringComparison.Ordinal) || a.StartsWith("-p", StringComparison.Ordinal)),
        "openssl" => arguments.Any(a => a is "enc" or "base64") && arguments.Any(a => a == "-d"),
        "uudecode" or "gunzip" or "zcat" or "unxz" or "bzcat" or "xzcat" or "gpg" or "rev" or "tr" => true,
        "gzip" or "xz" or "bzip2" or "zstd" => arguments.Any(a => a is "-d" or "-dc" or "-cd" or "--decompress"),
        _ => false,
    };
}
