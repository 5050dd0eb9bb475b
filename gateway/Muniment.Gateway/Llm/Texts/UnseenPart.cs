namespace Muniment.Gateway.Llm.Texts;

/// <summary>A part that was not looked into, and why: <c>image</c> (any media), <c>encrypted</c>, <c>over_limit</c>, <c>unknown_event</c> or <c>server_history</c>.</summary>
internal readonly record struct UnseenPart(string Pointer, string Why)
{
    public const string Media = "image";
    public const string Encrypted = "encrypted";
    public const string OverLimit = "over_limit";
    public const string UnknownEvent = "unknown_event";
    public const string ServerHistory = "server_history";
}
