namespace Muniment.Gateway.Administration;

/// <summary>What to paste so that an agent sends its telemetry here. The key goes by <c>x-api-key</c>: a value with a blank would need escaping in OTEL_EXPORTER_OTLP_HEADERS.</summary>
/// <param name="Agent">The agent.</param>
/// <param name="File">File to put the text into, or null for a shell.</param>
/// <param name="Text">The text, with <c>$KEY</c> for an ingest key.</param>
/// <param name="Notes">What one should know.</param>
internal sealed record AgentSetup(string Agent, string? File, string Text, string Notes)
{
    /// <summary>Agents that there is something to say about.</summary>
    public static IReadOnlyList<string> Agents { get; } = ["claude-code", "codex", "gemini-cli", "qwen-code", "otel"];

    /// <summary>The setup of an agent, or null.</summary>
    /// <param name="agent">Its name.</param>
    /// <param name="grpc">Address of OTLP/gRPC.</param>
    /// <param name="http">Address of OTLP/HTTP.</param>
    public static AgentSetup? For(string agent, string grpc, string http) => agent switch
    {
        "claude-code" => new(agent, null, $"""
            export CLAUDE_CODE_ENABLE_TELEMETRY=1
            export OTEL_METRICS_EXPORTER=otlp
            export OTEL_LOGS_EXPORTER=otlp
            export CLAUDE_CODE_ENHANCED_TELEMETRY_BETA=1
            export OTEL_TRACES_EXPORTER=otlp
            export OTEL_EXPORTER_OTLP_PROTOCOL=grpc
            export OTEL_EXPORTER_OTLP_ENDPOINT={grpc}
            export OTEL_EXPORTER_OTLP_HEADERS=x-api-key=$KEY
            export OTEL_LOG_TOOL_DETAILS=1
            """, "Prompts stay out unless OTEL_LOG_USER_PROMPTS=1. Managed settings take the same names under \"env\"."),
        "codex" => new(agent, "~/.codex/config.toml", $$"""
            [otel]
            environment = "prod"
            log_user_prompt = false
            exporter = { otlp-http = { endpoint = "{{http}}/v1/logs", protocol = "binary", headers = { "x-api-key" = "$KEY" } } }
            trace_exporter = { otlp-http = { endpoint = "{{http}}/v1/traces", protocol = "binary", headers = { "x-api-key" = "$KEY" } } }
            metrics_exporter = { otlp-http = { endpoint = "{{http}}/v1/metrics", protocol = "binary", headers = { "x-api-key" = "$KEY" } } }
            """, "Codex names no user when it runs with an API key: bind the Muniment key to one. Tool arguments and output are sent even with log_user_prompt = false."),
        "gemini-cli" => new(agent, null, $"""
            export GEMINI_TELEMETRY_ENABLED=true
            export GEMINI_TELEMETRY_TARGET=local
            export GEMINI_TELEMETRY_OTLP_PROTOCOL=grpc
            export GEMINI_TELEMETRY_OTLP_ENDPOINT={grpc}
            export GEMINI_TELEMETRY_TRACES_ENABLED=true
            export GEMINI_TELEMETRY_LOG_PROMPTS=false
            export OTEL_EXPORTER_OTLP_HEADERS=x-api-key=$KEY
            """, "Gemini CLI logs prompts unless told not to, and puts its command line on every resource; Muniment cuts that one."),
        "qwen-code" => new(agent, "~/.qwen/settings.json", $$"""
            { "telemetry": { "enabled": true, "target": "local", "otlpEndpoint": "{{http}}", "otlpProtocol": "http", "logPrompts": false } }
            """, "Also export OTEL_EXPORTER_OTLP_HEADERS=x-api-key=$KEY. Qwen Code names no user: bind the key to one."),
        "otel" => new(agent, null, $"""
            export OTEL_EXPORTER_OTLP_ENDPOINT={http}
            export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
            export OTEL_EXPORTER_OTLP_HEADERS=x-api-key=$KEY
            """, "Any OpenTelemetry SDK or collector. gRPC is at " + grpc + "."),
        _ => null,
    };
}
