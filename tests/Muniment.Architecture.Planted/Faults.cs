#pragma warning disable CA2211, CS0169, CS0649, IDE0051, CA1823
using System.Collections.Concurrent;
using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Muniment.Architecture.Planted.Faults;

[Fault("message-serializer"), Immutable, Alias("fault.1")]
public sealed record NoSerializer([property: Id(0)] int Number);

[Fault("message-id-missing"), GenerateSerializer, Immutable, Alias("fault.2")]
public sealed record NoId([property: Id(0)] int Number, string Text);

[Fault("message-id-duplicate"), GenerateSerializer, Immutable, Alias("fault.3")]
public sealed record TwiceId([property: Id(0)] int Number, [property: Id(0)] string Text);

[Fault("message-open"), GenerateSerializer, Immutable, Alias("fault.4")]
public record Open([property: Id(0)] int Number);

[Fault("message-mutable"), GenerateSerializer, Alias("fault.5")]
public sealed record NotImmutable([property: Id(0)] int Number);

[Fault("message-alias-missing"), GenerateSerializer, Immutable]
public sealed record NoAlias([property: Id(0)] int Number);

[Fault("message-alias-duplicate"), GenerateSerializer, Immutable, Alias("fault.same")]
public sealed record SameAlias1([property: Id(0)] int Number);

[Fault("message-alias-duplicate"), GenerateSerializer, Immutable, Alias("fault.same")]
public sealed record SameAlias2([property: Id(0)] int Number);

[Fault("message-settable"), GenerateSerializer, Immutable, Alias("fault.6")]
public sealed class Settable
{
    [Id(0)] public int Number { get; set; }
}

[Fault("message-settable"), GenerateSerializer, Immutable, Alias("fault.7")]
public sealed class WritableField
{
    [Id(0)] public int Number;
}

[Fault("message-hidden"), GenerateSerializer, Immutable, Alias("fault.8")]
internal sealed record Hidden([property: Id(0)] int Number);

[Fault("message-generic"), GenerateSerializer, Immutable, Alias("fault.9")]
public sealed record Generic<T>([property: Id(0)] int Number);

[Fault("message-member-type"), GenerateSerializer, Immutable, Alias("fault.list")]
public sealed record WithReadOnlyList([property: Id(0)] IReadOnlyList<int> Numbers);

[Fault("message-member-type"), GenerateSerializer, Immutable, Alias("fault.enumerable")]
public sealed record WithEnumerable([property: Id(0)] IEnumerable<int> Numbers);

[Fault("message-member-type"), GenerateSerializer, Immutable, Alias("fault.array")]
public sealed record WithArray([property: Id(0)] byte[] Bytes);

[Fault("message-member-type"), GenerateSerializer, Immutable, Alias("fault.object")]
public sealed record WithObject([property: Id(0)] object Anything);

[Fault("message-member-type"), GenerateSerializer, Immutable, Alias("fault.json")]
public sealed record WithJson([property: Id(0)] System.Text.Json.JsonElement Json);

[Fault("message-member-type"), GenerateSerializer, Immutable, Alias("fault.lazy")]
public sealed record WithLazy([property: Id(0)] Lazy<int> Number);

[Fault("message-member-type"), GenerateSerializer, Immutable, Alias("fault.stream")]
public sealed record WithStream([property: Id(0)] Stream Stream);

[Fault("message-member-type"), GenerateSerializer, Immutable, Alias("fault.sequence")]
public sealed record WithSequence([property: Id(0)] System.Buffers.ReadOnlySequence<byte> Bytes);

[Fault("message-member-type"), GenerateSerializer, Immutable, Alias("fault.deep")]
public sealed record DeepInside([property: Id(0)] ImmutableArray<Dictionary<string, int>> Maps);

[Fault("interface-hidden"), Alias("fault.i1")]
internal interface IHidden : IGrainWithStringKey;

[Fault("interface-generic"), Alias("fault.i2")]
public interface IGeneric<T> : IGrainWithStringKey;

[Fault("interface-alias")]
public interface INoAlias : IGrainWithStringKey;

[Fault("interface-alias-duplicate"), Alias("fault.i-same")]
public interface ISameAlias1 : IGrainWithStringKey;

[Fault("interface-alias-duplicate"), Alias("fault.i-same")]
public interface ISameAlias2 : IGrainWithStringKey;

[Fault("interface-method-alias"), Alias("fault.i3")]
public interface IMethodNoAlias : IGrainWithStringKey
{
    Task Do();
}

[Fault("interface-method-alias-duplicate"), Alias("fault.i4")]
public interface IMethodSameAlias : IGrainWithStringKey
{
    [Alias("do")] Task Do(int number);

    [Alias("do")] Task Do(string text);
}

[Fault("interface-method-generic"), Alias("fault.i5")]
public interface IMethodGeneric : IGrainWithStringKey
{
    [Alias("do")] Task Do<T>();
}

[Fault("interface-property"), Alias("fault.i6")]
public interface IProperty : IGrainWithStringKey
{
    int Number { get; }
}

[Fault("interface-return"), Alias("fault.i7")]
public interface ISyncReturn : IGrainWithStringKey
{
    [Alias("do")] int Do();
}

[Fault("interface-return"), Alias("fault.i8")]
public interface IVoidReturn : IGrainWithStringKey
{
    [Alias("do")] void Do();
}

[Fault("interface-by-ref"), Alias("fault.i9")]
public interface IByRef : IGrainWithStringKey
{
    [Alias("do")] Task Do(in int number);
}

[Fault("interface-token"), Alias("fault.i10")]
public interface ITwoTokens : IGrainWithStringKey
{
    [Alias("do")] Task Do(CancellationToken one, CancellationToken two);
}

[Fault("interface-token"), Alias("fault.i11")]
public interface ITokenFirst : IGrainWithStringKey
{
    [Alias("do")] Task Do(CancellationToken token, int number);
}

[Fault("interface-type"), Alias("fault.i12")]
public interface ITakesList : IGrainWithStringKey
{
    [Alias("do")] Task Do(List<int> numbers);
}

[Fault("interface-type"), Alias("fault.i13")]
public interface IGivesEnumerable : IGrainWithStringKey
{
    [Alias("do")] Task<IEnumerable<int>> Do();
}

[Fault("interface-type"), Alias("fault.i14")]
public interface ITakesSpan : IGrainWithStringKey
{
    [Alias("do")] Task Do(ReadOnlySpan<byte> bytes);
}

[Fault("interface-type"), Alias("fault.i15")]
public interface ITakesGrainClass : IGrainWithStringKey
{
    [Alias("do")] Task Do(Grain grain);
}

[Fault("class-grain-type")]
public sealed class NoGrainType : Grain;

[Fault("class-grain-type-duplicate"), GrainType("fault-same")]
public sealed class SameGrainType1 : Grain;

[Fault("class-grain-type-duplicate"), GrainType("fault-same")]
public sealed class SameGrainType2 : Grain;

[Fault("class-attribute"), GrainType("fault-attribute")]
public sealed class AttributeOnImplementation : Grain
{
    [AlwaysInterleave] public static Task Do() => Task.CompletedTask;
}

[Fault("class-constructors"), GrainType("fault-constructors")]
public sealed class TwoConstructors : Grain
{
    public TwoConstructors() { }

    public TwoConstructors(TimeProvider time) => ArgumentNullException.ThrowIfNull(time);
}

[Fault("class-state"), GrainType("fault-state")]
public sealed class StateWithoutConstructor([PersistentState("s")] IPersistentState<NeedsArgument> state) : Grain
{
    public int Number => state.State.Number;
}

public sealed class NeedsArgument(int number)
{
    public int Number => number;
}

[Fault("class-service"), GrainType("fault-service")]
public sealed class HttpInGrain(HttpClient client) : Grain
{
    public HttpClient Client => client;
}

[Fault("class-static"), GrainType("fault-static")]
public sealed class StaticState : Grain
{
    public static int Calls;
}

[Fault("class-static"), GrainType("fault-static-2")]
public sealed class StaticCollection : Grain
{
    private static readonly ConcurrentDictionary<string, int> Calls = [];

    public static int Count => Calls.Count;
}

[Fault("class-constructor-work"), GrainType("fault-work")]
public sealed class WorksInConstructor : Grain
{
    public WorksInConstructor() => Other = GetGrain<string>("x");

    public string Other { get; }
}

[Fault("exception-fields")]
public sealed class FatException(int code) : Exception("fat")
{
    public int Code { get; } = code;
}
