namespace Muniment.Gateway.Llm.Streaming;

/// <summary>What a client is told in mid-stream.</summary>
/// <param name="IsDenial">Policy decided so; else something broke.</param>
/// <param name="Message">One sentence without secrets.</param>
/// <param name="RequestId">The decision's id.</param>
internal sealed record StreamError(bool IsDenial, string Message, string RequestId)
{
    /// <summary>OpenAI's type.</summary>
    public string OpenAiType => IsDenial ? "policy_violation" : "server_error";

    /// <summary>OpenAI's code.</summary>
    public string OpenAiCode => IsDenial ? "policy_denied" : "upstream_error";

    /// <summary>Anthropic's type.</summary>
    public string AnthropicType => IsDenial ? "permission_error" : "api_error";
}
