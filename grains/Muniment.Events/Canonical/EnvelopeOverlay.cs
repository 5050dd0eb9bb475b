using System.Buffers;
using System.Text.Json;

namespace Muniment.Events.Canonical;

/// <summary>
/// Lays the server's word over an event as it was sent: stream, source, the key's user and project, and what <c>details</c> says about it. The same code
/// runs at the door (for terms, before a seq exists) and at each read.
/// </summary>
public static class EnvelopeOverlay
{
    /// <summary>A <c>ts</c> further ahead of receipt than this is not believed.</summary>
    public const long MaxAheadNs = 24L * 3600 * 1_000_000_000;

    /// <summary>Applies everything but an id of ours, which needs the seq. <paramref name="target"/> has its <see cref="CanonicalEvent.ReceivedNs"/>.</summary>
    public static void Apply(CanonicalEvent target, Envelope envelope)
    {
        if (envelope.IsOurs)
        {
            target.Stream ??= envelope.Stream ?? "system";
        }
        else
        {
            target.Stream = target.Kind == EntryKind.Metric ? null : envelope.Stream ?? "activity";
            target.Decision = default;
        }

        target.Source = new SourcePart
        {
            Key = envelope.Key, Receiver = envelope.Receiver, Address = envelope.Address, Dialect = envelope.Dialect, Mapper = envelope.Mapper,
            Imported = envelope.Imported, Verified = envelope.Verified,
        };

        string? claimedUser = null, claimedActor = null, claimedProject = null;
        if (envelope.User is { } user)
        {
            (claimedUser, claimedActor) = BindUser(target.Actor, user);
        }

        if (envelope.Set is { Count: > 0 } filled)
        {
            Fill(target.Resource ??= new ResourcePart(), filled);
        }

        if (envelope.Project is { } project)
        {
            target.Resource ??= new ResourcePart();
            claimedProject = target.Resource.Project == project ? null : target.Resource.Project;
            target.Resource.Project = project;
        }

        long? suspect = null;
        if (target.TimeNs - MaxAheadNs > target.ReceivedNs)
        {
            suspect = target.TimeNs;
            target.TimeNs = target.ReceivedNs;
        }

        string? conflict = null;
        if (envelope.IdConflict && target.HasSenderId)
        {
            conflict = target.Id;
            (target.Id, target.HasSenderId) = ("", false);
        }

        bool claims = claimedUser is not null || claimedActor is not null || claimedProject is not null || !target.ClaimedMembers.IsEmpty;
        if (claims || suspect is not null || conflict is not null || envelope.Cut is { Count: > 0 })
        {
            var output = new ArrayBufferWriter<byte>(256);
            using (var writer = new Utf8JsonWriter(output, JsonText.Compact))
            {
                WriteMembers(writer, target, envelope, claims, (claimedUser, claimedActor, claimedProject), suspect, conflict);
            }

            target.Details = JsonText.Append(target.Details, output.WrittenSpan[1..^1]);
            target.ClaimedMembers = default;
        }
    }

    /// <summary>Gives an event without a sender's id the one of ours.</summary>
    public static void AssignId(CanonicalEvent target, TenantId tenant)
    {
        if (target.Id.Length == 0)
        {
            target.Id = EventIds.Compute(tenant, target.Seq, target.ReceivedNs);
        }
    }

    private static void Fill(ResourcePart resource, IReadOnlyDictionary<string, string> filled)
    {
        resource.Workspace = filled.GetValueOrDefault("workspace") ?? resource.Workspace;
        resource.Project = filled.GetValueOrDefault("project") ?? resource.Project;
        resource.Team = filled.GetValueOrDefault("team") ?? resource.Team;
        resource.Environment = filled.GetValueOrDefault("environment") ?? resource.Environment;
        resource.Repo = filled.GetValueOrDefault("repo") ?? resource.Repo;
        resource.Ticket = filled.GetValueOrDefault("ticket") ?? resource.Ticket;
        resource.Incident = filled.GetValueOrDefault("incident") ?? resource.Incident;
    }

    /// <summary>Sets the human to the key's user, also where the actor itself is a user; returns what was claimed instead.</summary>
    private static (string? User, string? Actor) BindUser(ActorPart actor, string user)
    {
        string? human = actor.Human;
        string? claimedUser = human == user ? null : human;
        string? claimedActor = null;
        if (actor.Type == "user" && actor.Id != user)
        {
            claimedActor = actor.Id;
            (actor.Id, actor.Flat) = (user, null);
        }

        actor.User = user;
        return (claimedUser, claimedActor);
    }

    private static void WriteMembers(Utf8JsonWriter writer, CanonicalEvent target, Envelope envelope, bool claims,
        (string? User, string? Actor, string? Project) claimed, long? suspect, string? conflict)
    {
        writer.WriteStartObject();
        if (claims)
        {
            var inner = new ArrayBufferWriter<byte>(128);
            using (var members = new Utf8JsonWriter(inner, JsonText.Compact))
            {
                members.WriteStartObject();
                WriteText(members, "user"u8, claimed.User);
                WriteText(members, "actor"u8, claimed.Actor);
                WriteText(members, "project"u8, claimed.Project);
                members.WriteEndObject();
            }

            writer.WritePropertyName("claimed"u8);
            writer.WriteRawValue(JsonText.Append(inner.WrittenMemory, target.ClaimedMembers.Span).Span, skipInputValidation: true);
        }

        if (envelope.Cut is { Count: > 0 } cut)
        {
            writer.WriteStartObject("cut"u8);
            foreach ((string name, int count) in cut.OrderBy(c => c.Key, StringComparer.Ordinal))
            {
                writer.WriteNumber(name, count);
            }

            writer.WriteEndObject();
        }

        WriteText(writer, "id_conflict"u8, conflict);
        WriteText(writer, "ts_suspect"u8, suspect is { } ns ? Timestamps.Format(ns) : null);
        writer.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }
}
