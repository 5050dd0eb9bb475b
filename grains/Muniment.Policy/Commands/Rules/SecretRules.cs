using System.Collections.Frozen;

namespace Muniment.Policy.Commands.Rules;

/// <summary>Paths that hold secrets, and programs that print them.</summary>
internal static class SecretRules
{
    /// <summary>Programs that name a file without reading it.</summary>
    private static readonly FrozenSet<string> NameOnly = new[]
    {
        "ls", "stat", "test", "[", "[[", "echo", "printf", "touch", "du", "basename", "dirname", "realpath", "readlink", "chmod", "chown", "mkdir", "rmdir", "rm", "unlink", "shred", "cd", "pushd", "find", "fd",
        "tree", "git", "ssh-keygen", "ssh-add", "which", "type", "file", "wc", "export", "unset", "alias", "for", "case", "man", "sha256sum", "md5sum", "shasum", "cksum", "inotifywait",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Names = new[]
    {
        "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", ".netrc", "_netrc", ".pgpass", ".npmrc", ".pypirc", ".git-credentials", ".htpasswd", ".vault-token", "credentials.tfrc.json", ".my.cnf", ".dockercfg",
        "logins.json", "key4.db", "key3.db", "cookies.sqlite", "login data", "cookies", "local state", "login.keychain-db", "login.keychain", "oauth_creds.json", ".credentials.json", "secrets.json", "secrets.yml", "secrets.yaml",
        "application_default_credentials.json", "access_tokens.db", "credentials.db", "accesstokens.json", "msal_token_cache.json", "terraform.tfstate", "wallet.dat", ".bash_history", ".zsh_history", ".boto", ".s3cfg",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly string[] Suffixes =
        [".aws/credentials", ".docker/config.json", ".kube/config", ".config/gh/hosts.yml", ".codex/auth.json", "/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/environ", ".config/hub", ".cargo/credentials", ".cargo/credentials.toml", ".m2/settings.xml", ".gem/credentials"];

    private static readonly string[] Extensions = [".pem", ".p12", ".pfx", ".kdbx", ".jks", ".keystore", ".ppk", ".ovpn", ".keytab"];

    private static readonly string[] Samples = ["example", "sample", "template", "dist", "defaults", "test", "schema"];

    /// <summary>An argument names a secret that the program reads.</summary>
    public static RiskFinding Reads(Invocation invocation)
    {
        if (Prints(invocation))
        {
            return invocation.Is(RiskLevel.High, "prints-secret");
        }

        if (NameOnly.Contains(invocation.Name))
        {
            return new RiskFinding(RiskLevel.Low, "reads-only", invocation.Source);
        }

        bool pattern = invocation.Name is "grep" or "egrep" or "fgrep" or "rg" or "ag" or "ack" or "sed" or "awk" or "jq";
        foreach (string argument in pattern ? invocation.Operands.Skip(1) : invocation.Arguments)
        {
            if (IsSecret(argument))
            {
                return invocation.Is(RiskLevel.High, "reads-secret");
            }
        }

        return new RiskFinding(RiskLevel.Low, "reads-only", invocation.Source);
    }

    /// <summary>Whether a path, also as a part of an argument (<c>@.env</c>, <c>--env-file=.env</c>, <c>host:path</c>), holds secrets.</summary>
    public static bool IsSecret(string argument)
    {
        string path = argument[(argument.LastIndexOfAny(['@', '=', ':']) + 1)..];
        if (path.Length == 0)
        {
            return false;
        }

        string lower = PathRules.Normalise(path.Replace('\\', '/')).ToLowerInvariant();
        string name = lower[(lower.LastIndexOf('/') + 1)..];
        if (name.StartsWith(".env", StringComparison.Ordinal) && (name.Length == 4 || name[4] is '.' or '*' or '-'))
        {
            return !Array.Exists(Samples, s => name.EndsWith(s, StringComparison.Ordinal));
        }

        if (name is "cookies" or "local state" && !lower.Contains("chrom", StringComparison.Ordinal) && !lower.Contains("brave", StringComparison.Ordinal) && !lower.Contains("edge", StringComparison.Ordinal))
        {
            return false;
        }

        if (name.StartsWith("id_", StringComparison.Ordinal) && name.EndsWith('*'))
        {
            return true;
        }

        bool inSsh = (lower.Contains(".ssh/", StringComparison.Ordinal) || lower.EndsWith(".ssh", StringComparison.Ordinal)) && !name.EndsWith(".pub", StringComparison.Ordinal) && name is not ("known_hosts" or "config" or "authorized_keys");
        return inSsh
            || lower.Contains(".gnupg/", StringComparison.Ordinal) || name == ".gnupg"
            || Names.Contains(name)
            || Array.Exists(Suffixes, s => lower == s || lower.EndsWith(s[0] == '/' ? s : "/" + s, StringComparison.Ordinal) || lower == s.TrimStart('/'))
            || (Array.Exists(Extensions, e => name.EndsWith(e, StringComparison.Ordinal)) && !name.Contains("cert", StringComparison.Ordinal) && !name.Contains("ca.", StringComparison.Ordinal) && !name.Contains("chain", StringComparison.Ordinal) && !name.Contains("public", StringComparison.Ordinal))
            || (name.EndsWith(".key", StringComparison.Ordinal) && !name.Contains("pub", StringComparison.Ordinal));
    }

    private static bool Prints(Invocation i)
    {
        string words = string.Join(' ', i.Operands);
        return i.Name switch
        {
            "security" => words.StartsWith("find-generic-password", StringComparison.Ordinal) || words.StartsWith("find-internet-password", StringComparison.Ordinal) || words.StartsWith("dump-keychain", StringComparison.Ordinal),
            "pass" => i.Verb is "show" or "ls" or "" ? i.Verb == "show" : !i.Verb.StartsWith("git", StringComparison.Ordinal) && i.Verb is not ("insert" or "generate" or "rm"),
            "op" => i.Verb is "read" or "item" or "inject" or "run",
            "vault" => i.Verb is "read" or "kv" or "print",
            "gh" => words.StartsWith("auth token", StringComparison.Ordinal) || i.Has('\0', "--show-token"),
            "gcloud" => words.StartsWith("auth print-", StringComparison.Ordinal) || words.Contains("secrets versions access", StringComparison.Ordinal),
            "aws" => words.StartsWith("secretsmanager get-secret-value", StringComparison.Ordinal) || words.StartsWith("configure get", StringComparison.Ordinal) || words.StartsWith("sts get-session-token", StringComparison.Ordinal) || words.StartsWith("configure export-credentials", StringComparison.Ordinal),
            "az" => words.StartsWith("account get-access-token", StringComparison.Ordinal) || words.StartsWith("keyvault secret show", StringComparison.Ordinal),
            "kubectl" or "oc" => i.Operands.FirstOrDefault() is "get" or "describe" && i.Operands.Skip(1).Any(o => o is "secret" or "secrets" || o.StartsWith("secret/", StringComparison.Ordinal) || o.StartsWith("secrets/", StringComparison.Ordinal)),
            "npm" => words.StartsWith("token", StringComparison.Ordinal),
            "gpg" or "gpg2" => i.Has('\0', "--export-secret-keys", "--export-secret-subkeys"),
            _ => false,
        };
    }
}
