using Muniment.Policy.Evaluation;

namespace Muniment.Policy.Tests.Evaluation;

public sealed class AllocationTests
{
    /// <summary>A decision is on the path of every call: what it allocates has a bound. The least of several, because the runtime allocates beside.</summary>
    [Fact]
    public void ADecisionAllocatesLittle()
    {
        PolicySet set = Deciding.Set(
            "default: deny\nrules: [{id: models, on: [model.invoke], when: {model.requested|startswith: [gpt, claude]}, then: allow}, {id: pii, on: [model.*], detect: [secrets, email], then: redact}, {id: cap, on: [model.invoke], then: modify, set: {max_tokens: 9}}]",
            "scope: project:web\nrules: [{id: word, when: {content|contains: nothing}, then: deny}]");
        DecisionRequest request = Deciding.Saying(new string('x', 1000));
        long least = long.MaxValue;
        for (int i = 0; i < 50; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            set.Decide(request);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.InRange(least, 1, 4096);
    }
}
