using System.Text;

namespace Muniment.Events.Otlp;

/// <summary>
/// Names of <see cref="OtlpKey"/>. Sources: the outside contract's general mapping; OpenTelemetry semantic conventions 1.41.1 (gen_ai, client, deployment,
/// service, vcs) with the older names they replaced; <c>project</c> and <c>team</c> as people set them in <c>OTEL_RESOURCE_ATTRIBUTES</c>;
/// <c>event.sequence</c>, which sessions count (an attribute <c>event</c> may hold it nested).
/// </summary>
internal static class OtlpKeys
{
    /// <summary>How many there are.</summary>
    public const int Count = (int)OtlpKey.Event + 1;

    private static readonly (byte[] Name, OtlpKey Key)[][] ByLength = Index(
        ("session.id", OtlpKey.SessionId), ("gen_ai.conversation.id", OtlpKey.GenAiConversationId), ("conversation.id", OtlpKey.ConversationId),
        ("correlation_id", OtlpKey.CorrelationUnderscore), ("correlation.id", OtlpKey.CorrelationDot), ("x-request-id", OtlpKey.RequestId),
        ("user.email", OtlpKey.UserEmail), ("user.id", OtlpKey.UserId), ("enduser.id", OtlpKey.EnduserId),
        ("event.name", OtlpKey.EventName), ("event.timestamp", OtlpKey.EventTimestamp), ("service.name", OtlpKey.ServiceName),
        ("actor", OtlpKey.Actor), ("result", OtlpKey.Result),
        ("gen_ai.agent.name", OtlpKey.AgentName), ("gen_ai.agent.id", OtlpKey.AgentId), ("gen_ai.agent.version", OtlpKey.AgentVersion),
        ("gen_ai.request.model", OtlpKey.RequestModel), ("gen_ai.response.model", OtlpKey.ResponseModel),
        ("gen_ai.provider.name", OtlpKey.ProviderName), ("gen_ai.system", OtlpKey.GenAiSystem),
        ("gen_ai.usage.input_tokens", OtlpKey.InputTokens), ("gen_ai.usage.output_tokens", OtlpKey.OutputTokens),
        ("gen_ai.usage.prompt_tokens", OtlpKey.PromptTokens), ("gen_ai.usage.completion_tokens", OtlpKey.CompletionTokens),
        ("gen_ai.usage.cache_read.input_tokens", OtlpKey.CacheReadTokens), ("gen_ai.usage.cache_creation.input_tokens", OtlpKey.CacheCreationTokens),
        ("gen_ai.usage.reasoning.output_tokens", OtlpKey.ReasoningTokens), ("gen_ai.usage.cost", OtlpKey.UsageCost),
        ("gen_ai.tool.name", OtlpKey.ToolName), ("gen_ai.tool.call.id", OtlpKey.ToolCallId),
        ("project", OtlpKey.Project), ("team", OtlpKey.Team),
        ("deployment.environment.name", OtlpKey.EnvironmentName), ("deployment.environment", OtlpKey.Environment),
        ("vcs.repository.url.full", OtlpKey.RepositoryUrl), ("client.address", OtlpKey.ClientAddress),
        ("event.sequence", OtlpKey.EventSequence), ("event", OtlpKey.Event));

    /// <summary>The key with this name.</summary>
    public static bool TryFind(ReadOnlySpan<byte> name, out OtlpKey key)
    {
        if (name.Length < ByLength.Length)
        {
            foreach ((byte[] candidate, OtlpKey found) in ByLength[name.Length])
            {
                if (name.SequenceEqual(candidate))
                {
                    key = found;
                    return true;
                }
            }
        }

        key = default;
        return false;
    }

    private static (byte[] Name, OtlpKey Key)[][] Index(params (string Name, OtlpKey Key)[] rows)
    {
        var index = new (byte[], OtlpKey)[rows.Max(row => row.Name.Length) + 1][];
        for (int length = 0; length < index.Length; length++)
        {
            index[length] = [.. rows.Where(row => row.Name.Length == length).Select(row => (Encoding.UTF8.GetBytes(row.Name), row.Key))];
        }

        return index;
    }
}
