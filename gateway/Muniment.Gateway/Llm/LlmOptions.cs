namespace Muniment.Gateway.Llm;

/// <summary>Settings of the proxy, section <c>Llm</c>.</summary>
public sealed class LlmOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Llm";

    /// <summary>Longest wait for an upstream's first byte, in ms. SDKs wait ten minutes.</summary>
    public int HeaderTimeoutMs { get; set; } = 600_000;

    /// <summary>Longest silence in the middle of an answer, in ms.</summary>
    public int IdleTimeoutMs { get; set; } = 300_000;

    /// <summary>Most bytes of an answer that is not streamed.</summary>
    public int MaxAnswerBytes { get; set; } = 64 << 20;

    /// <summary>Most connections to one upstream.</summary>
    public int MaxConnectionsPerUpstream { get; set; } = 4096;
}
