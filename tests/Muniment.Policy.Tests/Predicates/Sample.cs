using System.Text;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Policy.Predicates;

namespace Muniment.Policy.Tests.Predicates;

/// <summary>Short cuts: an event out of JSON, a predicate out of JSON.</summary>
internal static class Sample
{
    private static readonly byte[] Envelope = EnvelopeCodec.Write(new Envelope { Stream = "activity", Key = "k1", Receiver = "events" });

    public static CanonicalEvent Event(string members = "")
    {
        string json = $$"""{"actor":"user:j@acme.com","action":"file.write","result":"denied"{{(members.Length > 0 ? "," + members : "")}}}""";
        return new EventReader(TenantId.Default).Read(new StoredEvent(3, 1795255340_000_000_000, EntryKind.Event, Envelope, default, default, Encoding.UTF8.GetBytes(json)));
    }

    public static Predicate Compile(string json)
    {
        Assert.True(Predicate.TryCompileJson(Encoding.UTF8.GetBytes(json), "where", out Predicate? predicate, out PredicateError? error), error?.ToString());
        return predicate;
    }

    public static bool Matches(string where, string members = "") => Compile(where).Matches(Event(members));

    public static string Error(string json)
    {
        Assert.False(Predicate.TryCompileJson(Encoding.UTF8.GetBytes(json), "where", out _, out PredicateError? error));
        return error.ToString();
    }

    /// <summary>A JSON string literal.</summary>
    public static string Quote(string text) => System.Text.Json.JsonSerializer.Serialize(text);
}
