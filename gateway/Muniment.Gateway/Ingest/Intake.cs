using System.Net;
using Microsoft.AspNetCore.Http;
using Muniment.Events.Canonical;
using Muniment.Gateway.Access;

namespace Muniment.Gateway.Ingest;

/// <summary>Who sent a request, by which receiver, when: what the server says about each of its events.</summary>
/// <param name="Caller">The key.</param>
/// <param name="Receiver">Receiver's name in <c>source.receiver</c>.</param>
/// <param name="Address">Peer's address, or null.</param>
/// <param name="ReceivedNs">Unix ns.</param>
internal sealed record Intake(Caller Caller, string Receiver, string? Address, long ReceivedNs)
{
    /// <summary>Whether the events are another system's log.</summary>
    public bool IsImport { get; init; }

    /// <summary>Whose form the events came in, for <c>source.dialect</c>; null for the receiver's own.</summary>
    public string? Dialect { get; init; }

    private static readonly long UnixEpochTicks = DateTimeOffset.UnixEpoch.UtcTicks;

    /// <summary>From a request.</summary>
    public static Intake Of(HttpContext context, Caller caller, string receiver, TimeProvider time)
    {
        IPAddress? address = context.Connection.RemoteIpAddress;
        return new Intake(caller, receiver, (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString(), Nanoseconds(time));
    }

    /// <summary>Now, as Unix ns.</summary>
    public static long Nanoseconds(TimeProvider time) => (time.GetUtcNow().UtcTicks - UnixEpochTicks) * 100;

    /// <summary>The envelope of its events.</summary>
    public Envelope Envelope(string? stream, IReadOnlyDictionary<string, int>? cut = null, bool idConflict = false) => new()
    {
        Stream = stream,
        Key = Caller.KeyId == Authenticator.AnonymousKeyId ? null : Caller.KeyId,
        Receiver = Receiver,
        Address = Address,
        Verified = (Caller.User, Caller.Project) switch
        {
            (null, null) => [],
            (not null, null) => ["user"],
            (null, not null) => ["project"],
            _ => ["user", "project"],
        },
        User = Caller.User,
        Project = Caller.Project,
        Cut = cut,
        IdConflict = idConflict,
        Dialect = Dialect,
        Imported = IsImport,
    };
}
