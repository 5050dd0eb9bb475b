
namespace Muniment.Policy.Commands.Rules;

/// <summary>Programs that write, move or delete files.</summary>
internal static class FileRules
{
    /// <summary>Null when it is none of them.</summary>
    public static RiskFinding? Judge(Invocation i)
    {
        switch (i.Name)
        {
            case "rm" or "unlink" or "rmdir" or "shred" or "srm" or "remove-item" or "del" or "erase" or "rd" or "trash" or "gio":
                return Remove(i);
            case "find" or "fd" or "fdfind":
                return i.Arguments.Contains("-delete") ? (i.Operands.Any(PathRules.IsVital) ? i.Is(RiskLevel.Critical, "deletes-everything") : i.Operands.FirstOrDefault() is { } root && PathRules.IsTemporary(root) ? i.Is(RiskLevel.Medium, "deletes-files") : i.Is(RiskLevel.High, "deletes-tree"))
                    : i.Arguments.Any(a => a.StartsWith("-fprint", StringComparison.Ordinal) || a == "-fls") ? i.Is(RiskLevel.Medium, "writes-files")
                    : i.Is(RiskLevel.Low, "reads-only");
            case "chmod" or "chown" or "chgrp" or "chattr" or "setfacl" or "icacls" or "takeown":
                return Permissions(i);
            case "cp" or "mv" or "ln" or "install" or "rsync" or "ditto":
                return i.Name == "rsync" && i.Operands.Any(o => o.Contains(':', StringComparison.Ordinal)) ? null : Copy(i);
            case "tee" or "truncate" or "touch" or "mkdir" or "vi" or "vim" or "nano" or "code" or "emacs" or "ed" or "mkfifo" or "out-file" or "set-content" or "sponge":
                return WriteAll(i, i.Operands, i.Operands.Any() ? RiskLevel.Medium : RiskLevel.Low);
            case "sed" or "gsed" or "perl" when i.Arguments.Any(a => a == "--in-place" || (a.StartsWith("-", StringComparison.Ordinal) && !a.StartsWith("--", StringComparison.Ordinal) && a.Contains('i') && !a.Contains('e'))) || i.Has('\0', "--in-place"):
                return WriteAll(i, i.Operands.Skip(i.Has('e') ? 0 : 1), RiskLevel.Medium);
            case "sed" or "gsed":
                return i.Is(RiskLevel.Low, "reads-only");
            case "awk" or "gawk" or "mawk" or "nawk":
                return i.Operands.FirstOrDefault() is { } program && (program.Contains("system(", StringComparison.Ordinal) || program.Contains("| getline", StringComparison.Ordinal) || program.Contains("|getline", StringComparison.Ordinal) || program.Contains("print |", StringComparison.Ordinal))
                    ? i.Is(RiskLevel.High, "code-reaches-out")
                    : i.Arguments.Any(a => a == "inplace") ? i.Is(RiskLevel.Medium, "writes-files") : i.Is(RiskLevel.Low, "reads-only");
            case "dd":
                string? to = i.Arguments.FirstOrDefault(a => a.StartsWith("of=", StringComparison.Ordinal))?[3..];
                return to is null ? i.Is(RiskLevel.Low, "reads-only") : PathRules.Write(to, i.Source);
            case "tar" or "bsdtar":
                return i.Arguments.Any(a => a.StartsWith("--to-command", StringComparison.Ordinal) || a.StartsWith("--checkpoint-action", StringComparison.Ordinal) || a is "-I" || a.StartsWith("--use-compress-program", StringComparison.Ordinal)) ? i.Is(RiskLevel.High, "runs-hidden-command")
                    : i.Has('t') || (i.Arguments.Count > 0 && i.Arguments[0].StartsWith('t')) ? i.Is(RiskLevel.Low, "reads-only")
                    : i.Value("-C", "--directory") is { } directory ? PathRules.Write(directory, i.Source) : i.Is(RiskLevel.Medium, "writes-files");
            default:
                return null;
        }
    }

    private static RiskFinding Remove(Invocation i)
    {
        bool recursive = i.Has('r', "--recursive", "-Recurse", "-recurse") || i.Has('R') || i.Arguments.Any(a => a is "/s" or "/S");
        if (i.Has('\0', "--no-preserve-root"))
        {
            return i.Is(RiskLevel.Critical, "deletes-everything");
        }

        RiskFinding worst = i.Is(recursive ? RiskLevel.Medium : i.Name == "rmdir" ? RiskLevel.Medium : RiskLevel.Medium, "deletes-files");
        bool any = false;
        foreach (string target in i.Operands.Where(o => o is not ("/s" or "/q" or "/f" or "/S" or "/Q" or "/F" or "trash")))
        {
            any = true;
            RiskFinding one = PathRules.Write(target, i.Source);
            worst = worst.Worse(one.Level >= RiskLevel.High ? one : i.Is(RiskLevel.Medium, "deletes-files"));
            if (recursive)
            {
                worst = worst.Worse(PathRules.IsVital(target) ? i.Is(RiskLevel.Critical, "deletes-everything") : PathRules.IsTemporary(target) && !target.Contains("..", StringComparison.Ordinal) ? worst : i.Is(RiskLevel.High, "deletes-tree"));
            }
        }

        return recursive && !any ? worst.Worse(i.Is(RiskLevel.High, "deletes-tree")) : worst;
    }

    private static RiskFinding Permissions(Invocation i)
    {
        bool recursive = i.Has('R', "--recursive") || i.Arguments.Any(a => a is "/T" or "/t" or "/r");
        string[] targets = [.. i.Operands.Skip(i.Name is "chmod" or "chown" or "chgrp" or "chattr" ? 1 : 0)];
        if (recursive && targets.Any(PathRules.IsVital))
        {
            return i.Is(RiskLevel.Critical, "changes-everything");
        }

        if (recursive)
        {
            return i.Is(RiskLevel.High, "changes-tree");
        }

        bool setUid = i.Name == "chmod" && i.Operands.FirstOrDefault() is { } mode && (mode.Contains("+s", StringComparison.Ordinal) || mode is { Length: 4 } && mode[0] is '4' or '2' or '6');
        return setUid ? i.Is(RiskLevel.High, "set-uid") : WriteAll(i, targets, RiskLevel.Medium);
    }

    private static RiskFinding Copy(Invocation i)
    {
        string? directory = i.Value("-t", "--target-directory");
        string[] operands = [.. i.Operands];
        IEnumerable<string> written = directory is not null ? [directory] : operands.TakeLast(1);
        return WriteAll(i, i.Name == "mv" ? written.Concat(operands.SkipLast(1)) : written, RiskLevel.Medium);
    }

    private static RiskFinding WriteAll(Invocation i, IEnumerable<string> paths, RiskLevel least)
    {
        RiskFinding worst = i.Is(least, least == RiskLevel.Low ? "reads-only" : "writes-files");
        foreach (string path in paths)
        {
            worst = worst.Worse(PathRules.Write(path, i.Source));
        }

        return worst;
    }
}
