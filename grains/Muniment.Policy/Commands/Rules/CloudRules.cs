using System.Collections.Frozen;

namespace Muniment.Policy.Commands.Rules;

/// <summary>Containers, clusters, clouds and databases.</summary>
internal static class CloudRules
{
    private static readonly FrozenSet<string> Clouds = new[]
    {
        "aws", "gcloud", "gsutil", "bq", "az", "doctl", "heroku", "vercel", "netlify", "fly", "flyctl", "wrangler", "firebase", "serverless", "sls", "sam", "cdk", "pulumi", "terragrunt", "eksctl", "kops", "ansible", "ansible-playbook", "salt",
        "chef", "puppet", "packer", "nomad", "consul", "vault", "argocd", "flux", "skaffold", "copilot", "eb", "railway", "render", "supabase", "kamal", "ibmcloud", "oci", "linode-cli", "s3cmd", "mc",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly string[] Reads = ["get", "list", "ls", "describe", "show", "status", "whoami", "version", "help", "logs", "info", "view", "preview", "plan", "diff", "validate", "head", "query", "read", "search", "check", "configurations"];

    /// <summary>Null when it is none of them, or the table of verbs knows it.</summary>
    public static RiskFinding? Judge(Invocation i, ScriptJudge judge, int depth)
    {
        switch (i.Name)
        {
            case "docker" or "podman" or "nerdctl":
                return Containers(i, judge, depth);
            case "docker-compose" or "podman-compose":
                return i.Verb is "ps" or "logs" or "config" or "images" or "top" or "ls" ? i.Is(RiskLevel.Low, "reads-only") : i.Verb is "build" or "pull" or "stop" or "down" ? i.Is(RiskLevel.Medium, "builds") : i.Is(RiskLevel.High, "runs-container");
            case "kubectl" or "oc" or "helm" or "terraform" or "tofu":
                return ProgramTable.Verb(i) ?? (i.Has('\0', "--dry-run") ? i.Is(RiskLevel.Medium, "dry-run") : i.Is(RiskLevel.High, "changes-infrastructure"));
            case "psql" or "mysql" or "mariadb" or "mongosh" or "mongo" or "redis-cli" or "sqlite3" or "sqlcmd" or "clickhouse-client" or "cqlsh" or "influx" or "dropdb" or "createdb" or "pg_restore" or "pg_dump" or "mysqldump" or "mongodump":
                return Databases(i);
            default:
                return Clouds.Contains(i.Name) ? Cloud(i) : null;
        }
    }

    private static RiskFinding? Containers(Invocation i, ScriptJudge judge, int depth)
    {
        string verb = i.Verb;
        if (verb is "run" or "exec" or "create")
        {
            bool reaches = i.Arguments.Any(a => a is "--privileged" or "--pid=host" or "--net=host" or "--network=host" or "--userns=host" || a.Contains("/var/run/docker.sock", StringComparison.Ordinal) || a.StartsWith("/:/", StringComparison.Ordinal) || a.StartsWith("-v/:/", StringComparison.Ordinal) || a.StartsWith("--volume=/:/", StringComparison.Ordinal));
            RiskFinding own = reaches ? i.Is(RiskLevel.Critical, "container-owns-host") : i.Is(RiskLevel.High, "runs-container");
            int shell = i.Words.ToList().FindIndex(w => InterpreterRules.IsShell(Invocation.ProgramName(w.Text)));
            return shell > 1 ? own.Worse(judge.Words([.. i.Words.Skip(shell)], i.Command, [], i.Source, depth + 1)) : own;
        }

        return verb switch
        {
            "push" => i.Is(RiskLevel.High, "publishes"),
            "rm" or "rmi" or "kill" or "system" or "volume" or "prune" or "container" or "secret" or "swarm" or "service" or "stack" or "cp" or "save" or "load" or "import" or "commit" or "plugin" => i.Operands.Contains("ls") || i.Operands.Contains("inspect") || i.Operands.Contains("df") ? i.Is(RiskLevel.Low, "reads-only") : i.Is(RiskLevel.High, "changes-containers"),
            "compose" => i.Operands.Skip(1).FirstOrDefault() is "ps" or "logs" or "config" or "images" or "top" or "ls" ? i.Is(RiskLevel.Low, "reads-only") : i.Operands.Skip(1).FirstOrDefault() is "build" or "pull" or "stop" or "down" ? i.Is(RiskLevel.Medium, "builds") : i.Is(RiskLevel.High, "runs-container"),
            "image" or "network" => i.Operands.Skip(1).FirstOrDefault() is "rm" or "prune" or "push" ? i.Is(RiskLevel.High, "changes-containers") : null,
            _ => null,
        };
    }

    private static RiskFinding Cloud(Invocation i)
    {
        string[] operands = [.. i.Operands];
        if (operands.Length == 0)
        {
            return i.Is(RiskLevel.Low, "reads-only");
        }

        bool reads = operands.Take(4).Any(o => Reads.Contains(o) || Array.Exists(Reads, r => o.StartsWith(r + "-", StringComparison.Ordinal)) || o is "get-caller-identity")
            && !operands.Take(4).Any(o => o is "create" or "delete" or "rm" or "cp" or "mv" or "sync" or "apply" or "destroy" or "put" or "update" or "deploy" or "run" || o.StartsWith("delete-", StringComparison.Ordinal) || o.StartsWith("create-", StringComparison.Ordinal) || o.StartsWith("put-", StringComparison.Ordinal));
        bool simulated = i.Has('\0', "--dry-run", "--dryrun", "--check", "--help");
        return reads ? i.Is(RiskLevel.Low, "reads-only") : simulated ? i.Is(RiskLevel.Medium, "dry-run") : i.Is(RiskLevel.High, "changes-infrastructure");
    }

    private static RiskFinding Databases(Invocation i)
    {
        if (i.Name is "dropdb")
        {
            return i.Is(RiskLevel.High, "destroys-data");
        }

        string all = " " + string.Join(' ', i.Arguments).ToLowerInvariant() + string.Join(' ', i.Command.Redirects.Select(r => r.Body)).ToLowerInvariant();
        bool destroys = all.Contains("drop ", StringComparison.Ordinal) || all.Contains("truncate ", StringComparison.Ordinal) || all.Contains("delete from", StringComparison.Ordinal) || all.Contains("flushall", StringComparison.Ordinal) || all.Contains("flushdb", StringComparison.Ordinal)
            || all.Contains("dropdatabase", StringComparison.Ordinal) || all.Contains("deletemany", StringComparison.Ordinal) || all.Contains("alter user", StringComparison.Ordinal) || all.Contains("grant all", StringComparison.Ordinal) || all.Contains("copy ", StringComparison.Ordinal) && all.Contains("program", StringComparison.Ordinal);
        bool runsShell = all.Contains("\\!", StringComparison.Ordinal) || all.Contains(".shell", StringComparison.Ordinal) || all.Contains(".system", StringComparison.Ordinal);
        return destroys || runsShell ? i.Is(RiskLevel.High, destroys ? "destroys-data" : "runs-hidden-command") : i.Is(RiskLevel.Medium, "database");
    }
}
