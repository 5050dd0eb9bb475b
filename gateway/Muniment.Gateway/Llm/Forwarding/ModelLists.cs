using Muniment.Gateway.Llm.Json;
using Muniment.Gateway.Llm.Texts;
using Muniment.Gateway.Policies;
using Muniment.Policy.Documents;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Llm.Forwarding;

/// <summary>Takes out of a list of models those that policy would not let this caller use, so that clients do not offer them.</summary>
internal sealed class ModelLists(DecidingCache policies)
{
    /// <summary>The list without them.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> FilterAsync(LlmCall call, ReadOnlyMemory<byte> body)
    {
        DecidingView view = await policies.FindAsync(call.Caller.Tenant);
        var tape = new JsonTape();
        if (tape.Read(body) is not JsonFault.None)
        {
            return body;
        }

        DecisionRequest request = call.Decision.Call.Request with { Action = DecisionActions.ModelInvoke, Texts = [], Uncovered = [], TimeNs = call.Decision.StartedNs };
        var edits = new JsonEdits();
        JsonRemoval.RemoveElements(
            tape, tape.Member(0, "data"u8), model => tape.TextOf(model, "id"u8) is { } id && view.Policies.Decide(request with { Model = id }).Effect is PolicyEffect.Deny, edits);
        return edits.Apply(body);
    }
}
