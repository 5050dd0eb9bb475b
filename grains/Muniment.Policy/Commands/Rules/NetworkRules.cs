namespace Muniment.Policy.Commands.Rules;

/// <summary>Programs that talk to other machines.</summary>
internal static class NetworkRules
{
    /// <summary>Null when it is none of them.</summary>
    public static RiskFinding? Judge(Invocation i, ScriptJudge judge)
    {
        if (i.Name is "curl" or "wget" && i.Arguments is ["--version" or "-V" or "--help" or "-h"])
        {
            return i.Is(RiskLevel.Low, "reads-only");
        }

        switch (i.Name)
        {
            case "curl":
                return Curl(i, judge);
            case "wget":
                return Wget(i, judge);
            case "http" or "https" or "xh":
                return i.Operands.Any(o => o is "POST" or "PUT" or "PATCH" or "DELETE") || i.Operands.Skip(1).Any(o => o.Contains('=', StringComparison.Ordinal) && !o.Contains("==", StringComparison.Ordinal)) ? i.Is(RiskLevel.High, "sends-data") : i.Is(RiskLevel.Medium, "downloads");
            case "invoke-webrequest" or "invoke-restmethod" or "iwr" or "irm":
                return i.Value("-Method", "-method") is { } method && !method.Equals("GET", StringComparison.OrdinalIgnoreCase) ? i.Is(RiskLevel.High, "sends-data") : i.Is(RiskLevel.Medium, "downloads");
            case "invoke-expression" or "iex":
                return i.Upstream.Count > 0 && Origins.Of(i.Upstream) == Origin.Network ? i.Is(RiskLevel.Critical, "pipe-to-shell") : i.Words.Any(w => Origins.Of(w.Inner) == Origin.Network) ? i.Is(RiskLevel.Critical, "pipe-to-shell") : i.Is(RiskLevel.High, "computed-command");
            case "ssh" or "scp" or "sftp" or "mosh" or "ftp" or "telnet" or "rsync" or "rclone" or "croc" or "ngrok" or "cloudflared" or "tailscale" or "magic-wormhole" or "wormhole" or "ssh-copy-id":
                return i.Arguments is ["-V" or "--version"] ? i.Is(RiskLevel.Low, "reads-only") : i.Is(RiskLevel.High, "remote-machine");
            case "nc" or "ncat" or "netcat" or "socat":
                bool executes = i.Arguments.Any(a => a is "-e" or "-c" or "--exec" or "--sh-exec" || a.StartsWith("EXEC:", StringComparison.OrdinalIgnoreCase) || a.StartsWith("SYSTEM:", StringComparison.OrdinalIgnoreCase));
                return executes ? i.Is(RiskLevel.Critical, "reverse-shell") : i.Has('z') ? i.Is(RiskLevel.Medium, "probes-network") : i.Is(RiskLevel.High, "sends-data");
            case "mail" or "mailx" or "sendmail" or "mutt" or "swaks" or "msmtp":
                return i.Is(RiskLevel.High, "sends-data");
            case "nmap" or "masscan" or "tcpdump" or "tshark" or "nikto" or "sqlmap" or "hydra":
                return i.Is(RiskLevel.High, "probes-network");
            case "aria2c" or "lynx" or "w3m" or "youtube-dl" or "yt-dlp":
                return i.Is(RiskLevel.Medium, "downloads");
            default:
                return null;
        }
    }

    private static RiskFinding Curl(Invocation i, ScriptJudge judge)
    {
        string? method = i.Value("-X", "--request") ?? i.Arguments.FirstOrDefault(a => a.StartsWith("-X", StringComparison.Ordinal) && a.Length > 2)?[2..];
        bool sends = (method is not null && method.ToUpperInvariant() is not ("GET" or "HEAD" or "OPTIONS"))
            || i.Arguments.Any(a => a is "-d" or "-F" or "-T" or "--form" or "--json" or "--upload-file" or "--form-string" || a.StartsWith("--data", StringComparison.Ordinal) || a.StartsWith("--json=", StringComparison.Ordinal) || a.StartsWith("--form", StringComparison.Ordinal)
                || (a.Length > 2 && a[0] == '-' && a[1] is 'd' or 'F' or 'T' && a[1] != '-') || (a.Length > 2 && a[0] == '-' && a[1] != '-' && a.EndsWith('d') && !a.Contains('o')));
        bool asGet = i.Has('G', "--get");
        if (sends && !asGet)
        {
            return i.Is(RiskLevel.High, "sends-data");
        }

        if (i.Words.Any(w => w.Inner.Count > 0 && w.Text.Contains("://", StringComparison.Ordinal)))
        {
            return i.Is(RiskLevel.High, "data-in-address");
        }

        return Fetched(i, judge, i.Value("-o", "--output") ?? Attached(i, "-o"), i.Has('O', "--remote-name"));
    }

    private static RiskFinding Wget(Invocation i, ScriptJudge judge)
    {
        string? method = i.Value("--method");
        if (i.Arguments.Any(a => a.StartsWith("--post-", StringComparison.Ordinal) || a.StartsWith("--body-", StringComparison.Ordinal)) || (method is not null && method.ToUpperInvariant() is not ("GET" or "HEAD")))
        {
            return i.Is(RiskLevel.High, "sends-data");
        }

        if (i.Words.Any(w => w.Inner.Count > 0 && w.Text.Contains("://", StringComparison.Ordinal)))
        {
            return i.Is(RiskLevel.High, "data-in-address");
        }

        string? output = i.Value("-O", "--output-document") ?? Attached(i, "-O") ?? i.Arguments.FirstOrDefault(a => a.StartsWith("-qO", StringComparison.Ordinal))?[3..];
        return Fetched(i, judge, output, named: output is null);
    }

    private static string? Attached(Invocation i, string option) => i.Arguments.FirstOrDefault(a => a.Length > option.Length && a.StartsWith(option, StringComparison.Ordinal) && a[1] != '-')?[option.Length..];

    /// <summary>Remembers the file, so that running it later in the same command is seen.</summary>
    private static RiskFinding Fetched(Invocation i, ScriptJudge judge, string? output, bool named)
    {
        string? file = output is { Length: > 0 } and not "-" ? output
            : named ? i.Operands.FirstOrDefault(o => o.Contains('/', StringComparison.Ordinal)) is { } address ? address[(address.LastIndexOf('/') + 1)..] : null
            : null;
        foreach (Shell.ShellRedirect redirect in i.Command.Redirects.Where(r => r.IsWrite))
        {
            judge.Fetched.Add(PathRules.Normalise(redirect.Target.Text));
        }

        if (file is null)
        {
            return i.Is(RiskLevel.Medium, "downloads");
        }

        judge.Fetched.Add(PathRules.Normalise(file));
        RiskFinding written = PathRules.Write(file, i.Source);
        return written.Level > RiskLevel.Medium ? written : i.Is(RiskLevel.Medium, "downloads");
    }
}
