using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Muniment.Architecture.Planted.Sound;

[GenerateSerializer, Alias("sound.kind")]
public enum Kind
{
    One,
}

[GenerateSerializer, Immutable, Alias("sound.message")]
public sealed record Message(
    [property: Id(0)] int Number, [property: Id(1)] string? Text, [property: Id(2)] ImmutableArray<Part> Parts, [property: Id(3)] ReadOnlyMemory<byte> Bytes,
    [property: Id(4)] Kind Kind, [property: Id(5)] long? Maybe, [property: Id(6)] Message? Inner);

[GenerateSerializer, Immutable, Alias("sound.part")]
public readonly record struct Part([property: Id(0)] int Index);

[Alias("sound.grain")]
public interface ISoundGrain : IGrainWithStringKey
{
    [Alias("a"), AlwaysInterleave] Task<Message> Ask(Message message, CancellationToken cancellationToken);

    [Alias("b")] ValueTask Tell(ISoundGrain other);
}

[GrainType("sound")]
public sealed class SoundGrain([PersistentState("s")] IPersistentState<SoundState> state) : Grain, ISoundGrain
{
    private const int Limit = 3;
    private static readonly ImmutableArray<int> Table = [1, 2, Limit];

    public async Task<Message> Ask(Message message, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return message with { Number = Table.Select(i => i + state.State.Number).Sum() };
    }

    public ValueTask Tell(ISoundGrain other) => ValueTask.CompletedTask;
}

[GenerateSerializer, Alias("sound.state")]
public sealed class SoundState
{
    [Id(0)] public int Number { get; set; }
}

public sealed class SoundException(string text) : Exception(text);
