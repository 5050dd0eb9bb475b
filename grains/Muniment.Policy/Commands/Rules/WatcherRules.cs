namespace Muniment.Policy.Commands.Rules;

/// <summary>Turning off what watches: telemetry of agents, audit services, the shell's history.</summary>
internal static class WatcherRules
{
    private static readonly string[] Services = ["auditd", "rsyslog", "syslog", "systemd-journald", "falco", "osqueryd", "wazuh-agent", "crowdstrike", "falcon-sensor", "otelcol", "datadog-agent", "filebeat", "fluent-bit", "fluentd", "apparmor", "sentinelone"];

    /// <summary>A variable is set.</summary>
    public static RiskFinding Set(string name, string value, string source)
    {
        bool isOn = value.ToLowerInvariant() is "1" or "true" or "yes" or "on";
        bool isOff = value.ToLowerInvariant() is "0" or "false" or "no" or "off" or "none" or "";
        bool blinds = name switch
        {
            "DISABLE_TELEMETRY" or "OTEL_SDK_DISABLED" or "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC" => isOn,
            "CLAUDE_CODE_ENABLE_TELEMETRY" or "GEMINI_TELEMETRY_ENABLED" or "QWEN_TELEMETRY_ENABLED" => isOff,
            "OTEL_LOGS_EXPORTER" or "OTEL_METRICS_EXPORTER" or "OTEL_TRACES_EXPORTER" => isOff,
            "OTEL_EXPORTER_OTLP_ENDPOINT" or "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT" or "OTEL_EXPORTER_OTLP_HEADERS" => isOff || value == "/dev/null",
            _ => false,
        };
        if (blinds)
        {
            return new RiskFinding(RiskLevel.Critical, "disables-telemetry", source);
        }

        bool history = (name is "HISTFILE" && value is "/dev/null" or "") || (name is "HISTSIZE" or "HISTFILESIZE" && value == "0");
        bool loads = name is "LD_PRELOAD" or "DYLD_INSERT_LIBRARIES" or "PROMPT_COMMAND" or "BASH_ENV" && value.Length > 0;
        return history && name.StartsWith("HIST", StringComparison.Ordinal) ? new RiskFinding(RiskLevel.High, "hides-traces", source)
            : loads ? new RiskFinding(RiskLevel.High, "injects-code", source)
            : new RiskFinding(RiskLevel.Low, "assignment", source);
    }

    /// <summary>Programs that turn something off; null when it is none of them.</summary>
    public static RiskFinding? Judge(Invocation i)
    {
        switch (i.Name)
        {
            case "unset":
                return i.Arguments.Any(a => a.StartsWith("OTEL_", StringComparison.Ordinal) || a is "CLAUDE_CODE_ENABLE_TELEMETRY" or "GEMINI_TELEMETRY_ENABLED") ? i.Is(RiskLevel.Critical, "disables-telemetry")
                    : i.Arguments.Any(a => a is "HISTFILE" or "PROMPT_COMMAND") ? i.Is(RiskLevel.High, "hides-traces")
                    : i.Is(RiskLevel.Low, "assignment");
            case "export" or "declare" or "typeset" or "readonly" or "local" or "setx":
                RiskFinding worst = i.Is(RiskLevel.Low, "assignment");
                foreach (string argument in i.Arguments)
                {
                    int equals = argument.IndexOf('=');
                    if (equals > 0)
                    {
                        worst = worst.Worse(Set(argument[..equals], argument[(equals + 1)..], i.Source));
                    }
                }

                return worst;
            case "history":
                return i.Has('c') || i.Has('d') ? i.Is(RiskLevel.High, "hides-traces") : i.Is(RiskLevel.Low, "reads-only");
            case "auditctl":
                return i.Has('D') || i.Value("-e") == "0" ? i.Is(RiskLevel.Critical, "disables-audit") : i.Is(RiskLevel.High, "changes-audit");
            case "setenforce":
                return i.Verb is "0" or "Permissive" ? i.Is(RiskLevel.Critical, "disables-audit") : i.Is(RiskLevel.High, "system-service");
            case "systemctl" or "service" or "launchctl" or "rc-service" or "sc" or "net":
                bool stops = i.Operands.Any(o => o is "stop" or "disable" or "mask" or "kill" or "unload" or "bootout" or "remove" or "delete");
                bool watches = i.Operands.Any(o => Array.Exists(Services, s => o.Equals(s, StringComparison.OrdinalIgnoreCase) || o.StartsWith(s + ".", StringComparison.OrdinalIgnoreCase)));
                return stops && watches ? i.Is(RiskLevel.Critical, "disables-audit")
                    : i.Operands.Any(o => o is "status" or "list" or "show" or "is-active" or "is-enabled" or "list-units" or "cat" or "print" or "view" or "query") ? i.Is(RiskLevel.Low, "reads-only")
                    : i.Is(RiskLevel.High, "system-service");
            case "pkill" or "killall":
                return i.Operands.Any(o => Array.Exists(Services, s => o.Contains(s, StringComparison.OrdinalIgnoreCase))) ? i.Is(RiskLevel.Critical, "disables-audit") : i.Is(RiskLevel.Medium, "ends-process");
            case "set-mppreference":
                return i.Is(RiskLevel.Critical, "disables-audit");
            case "wevtutil":
                return i.Verb is "cl" or "clear-log" ? i.Is(RiskLevel.Critical, "disables-audit") : i.Is(RiskLevel.Low, "reads-only");
            case "clear-eventlog" or "clear-history":
                return i.Is(RiskLevel.Critical, "disables-audit");
            default:
                return null;
        }
    }
}
