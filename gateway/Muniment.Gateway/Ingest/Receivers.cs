namespace Muniment.Gateway.Ingest;

/// <summary>Names of the receivers in <c>source.receiver</c>.</summary>
internal static class Receivers
{
    public const string OtlpGrpc = "otlp_grpc";
    public const string OtlpHttp = "otlp_http";
    public const string Events = "events";
    public const string Hec = "hec";
    public const string Decide = "decide";
    public const string Llm = "llm";
    public const string Mcp = "mcp";
    public const string Platform = "platform";
}
