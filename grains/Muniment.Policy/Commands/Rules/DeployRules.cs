using System.Collections.Frozen;

namespace Muniment.Policy.Commands.Rules;

/// <summary>Deployments to production: a program or script that deploys, and production named in it.</summary>
internal static class DeployRules
{
    private static readonly FrozenSet<string> Deployers = new[]
    {
        "kubectl", "oc", "helm", "terraform", "tofu", "terragrunt", "pulumi", "ansible-playbook", "vercel", "netlify", "serverless", "sls", "sam", "cdk", "fly", "flyctl", "eb", "cap", "heroku", "wrangler", "firebase", "gcloud",
        "aws", "az", "argocd", "kamal", "nomad", "copilot", "railway", "amplify", "skaffold",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly string[] Verbs =
    [
        "deploy", "apply", "upgrade", "rollout", "promote", "up", "install", "destroy", "sync", "release", "publish", "delete", "scale", "patch", "set", "replace", "rollback", "uninstall", "update-service", "update-function-code", "restart",
        "migrate", "push", "create", "run",
    ];

    public static RiskFinding Judge(Invocation i)
    {
        bool named = i.Arguments.Any(NamesProduction);
        bool deploys = (Deployers.Contains(i.Name) && (i.Operands.Any(o => Verbs.Contains(o)) || i.Name is "ansible-playbook" or "vercel" or "netlify" or "cap"))
            || i.Arguments.Any(a => a.Contains("deploy", StringComparison.OrdinalIgnoreCase) && IsRunner(i.Name))
            || i.Name.Contains("deploy", StringComparison.Ordinal);
        return named && deploys && !i.Has('\0', "--dry-run", "--help", "--check", "--diff") ? i.Is(RiskLevel.Critical, "deploys-to-production") : new RiskFinding(RiskLevel.Low, "reads-only", i.Source);
    }

    private static bool IsRunner(string name) => name is "npm" or "yarn" or "pnpm" or "bun" or "make" or "just" or "task" or "rake" or "bash" or "sh" or "zsh" or "python" or "python3" or "npx" or "gradle" or "mvn" or "dotnet" or "cargo" or "fab" or "invoke" or "nx" or "turbo" or "gh";

    /// <summary><c>prod</c> or <c>production</c> as a word of an argument: <c>--prod</c>, <c>prod-eu</c>, <c>deploy:production</c>, not <c>product</c>.</summary>
    private static bool NamesProduction(string argument)
    {
        ReadOnlySpan<char> rest = argument;
        while (rest.Length > 0)
        {
            int end = rest.IndexOfAny("-_./:=@,+ ");
            ReadOnlySpan<char> word = end < 0 ? rest : rest[..end];
            if (word.Equals("prod", StringComparison.OrdinalIgnoreCase) || word.Equals("production", StringComparison.OrdinalIgnoreCase) || word.Equals("prd", StringComparison.OrdinalIgnoreCase) || word.Equals("live", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }

            rest = end < 0 ? [] : rest[(end + 1)..];
        }

        return false;
    }
}
