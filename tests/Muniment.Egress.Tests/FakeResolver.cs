using System.Net;

namespace Muniment.Egress.Tests;

/// <summary>A name server under the test's control: each name has a list of answers, and the last one repeats.</summary>
internal sealed class FakeResolver : IHostResolver
{
    private readonly Dictionary<string, Queue<string[]>> _answers = [];

    public List<string> Asked { get; } = [];

    public FakeResolver With(string host, params string[][] answers)
    {
        _answers[host] = new Queue<string[]>(answers);
        return this;
    }

    public ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        Asked.Add(host);
        if (!_answers.TryGetValue(host, out Queue<string[]>? queue))
        {
            return ValueTask.FromResult<IReadOnlyList<IPAddress>>([]);
        }

        string[] answer = queue.Count > 1 ? queue.Dequeue() : queue.Peek();
        return ValueTask.FromResult<IReadOnlyList<IPAddress>>([.. answer.Select(IPAddress.Parse)]);
    }
}
