using System.Text.Json;

namespace Muniment.Events.Canonical.Writing;

/// <summary>Writes the parts of an event, each as one member; nothing for an absent part, absent members left out.</summary>
public static class PartWriter
{
    /// <summary>Writes a text, if there is one.</summary>
    public static void Text(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    /// <summary>Writes who did it.</summary>
    public static void Write(Utf8JsonWriter writer, ActorPart part)
    {
        writer.WriteStartObject("actor"u8);
        Text(writer, "id"u8, part.Id);
        Text(writer, "type"u8, part.Type);
        Text(writer, "user"u8, part.User);
        writer.WriteEndObject();
    }

    /// <summary>Writes the agent.</summary>
    public static void Write(Utf8JsonWriter writer, AgentPart? part)
    {
        if (part is null)
        {
            return;
        }

        writer.WriteStartObject("agent"u8);
        Text(writer, "kind"u8, part.Kind);
        Text(writer, "version"u8, part.Version);
        Text(writer, "surface"u8, part.Surface);
        Text(writer, "instance"u8, part.Instance);
        writer.WriteEndObject();
    }

    /// <summary>Writes the artifact.</summary>
    public static void Write(Utf8JsonWriter writer, ArtifactPart? part)
    {
        if (part is null)
        {
            return;
        }

        writer.WriteStartObject("artifact"u8);
        Text(writer, "kind"u8, part.Kind);
        Text(writer, "name"u8, part.Name);
        Text(writer, "version"u8, part.Version);
        Text(writer, "digest"u8, part.Digest);
        writer.WriteEndObject();
    }

    /// <summary>Writes the policy.</summary>
    public static void Write(Utf8JsonWriter writer, PolicyPart? part)
    {
        if (part is null)
        {
            return;
        }

        writer.WriteStartObject("policy"u8);
        Text(writer, "id"u8, part.Id);
        Number(writer, "version"u8, part.Version);
        Text(writer, "digest"u8, part.Digest);
        Text(writer, "rule"u8, part.Rule);
        writer.WriteEndObject();
    }

    /// <summary>Writes the trace.</summary>
    public static void Write(Utf8JsonWriter writer, TracePart? part)
    {
        if (part is null)
        {
            return;
        }

        writer.WriteStartObject("trace"u8);
        Text(writer, "trace_id"u8, part.TraceId);
        Text(writer, "span_id"u8, part.SpanId);
        Text(writer, "session"u8, part.Session);
        Text(writer, "turn"u8, part.Turn);
        Text(writer, "correlation"u8, part.Correlation);
        Text(writer, "request"u8, part.Request);
        writer.WriteEndObject();
    }

    /// <summary>Writes what it belongs to.</summary>
    public static void Write(Utf8JsonWriter writer, ResourcePart? part)
    {
        if (part is null)
        {
            return;
        }

        writer.WriteStartObject("resource"u8);
        Text(writer, "workspace"u8, part.Workspace);
        Text(writer, "project"u8, part.Project);
        Text(writer, "team"u8, part.Team);
        Text(writer, "environment"u8, part.Environment);
        Text(writer, "repo"u8, part.Repo);
        Text(writer, "ticket"u8, part.Ticket);
        Text(writer, "incident"u8, part.Incident);
        writer.WriteEndObject();
    }

    /// <summary>Writes the approval.</summary>
    public static void Write(Utf8JsonWriter writer, ApprovalPart? part)
    {
        if (part is null)
        {
            return;
        }

        writer.WriteStartObject("approval"u8);
        Text(writer, "by"u8, part.By);
        Text(writer, "at"u8, part.At);
        Text(writer, "source"u8, part.Source);
        Text(writer, "request"u8, part.Request);
        writer.WriteEndObject();
    }

    /// <summary>Writes the client.</summary>
    public static void Write(Utf8JsonWriter writer, ClientPart? part)
    {
        if (part is null)
        {
            return;
        }

        writer.WriteStartObject("client"u8);
        Text(writer, "address"u8, part.Address);
        Text(writer, "place"u8, part.Place);
        writer.WriteEndObject();
    }

    /// <summary>Writes the model.</summary>
    public static void Write(Utf8JsonWriter writer, ModelPart? part)
    {
        if (part is null)
        {
            return;
        }

        writer.WriteStartObject("model"u8);
        Text(writer, "provider"u8, part.Provider);
        Text(writer, "requested"u8, part.Requested);
        Text(writer, "served"u8, part.Served);
        writer.WriteEndObject();
    }

    /// <summary>Writes the usage.</summary>
    public static void Write(Utf8JsonWriter writer, UsagePart? part)
    {
        if (part is null)
        {
            return;
        }

        writer.WriteStartObject("usage"u8);
        Number(writer, "input"u8, part.Input);
        Number(writer, "cache_read"u8, part.CacheRead);
        Number(writer, "cache_write"u8, part.CacheWrite);
        Number(writer, "output"u8, part.Output);
        Number(writer, "reasoning"u8, part.Reasoning);
        Write(writer, part.Cost);
        writer.WriteEndObject();
    }

    /// <summary>Writes the cost.</summary>
    public static void Write(Utf8JsonWriter writer, CostPart? part)
    {
        if (part is null)
        {
            return;
        }

        writer.WriteStartObject("cost"u8);
        Text(writer, "amount"u8, part.Amount);
        Text(writer, "unit"u8, part.Unit);
        Text(writer, "source"u8, part.Source);
        writer.WriteEndObject();
    }

    /// <summary>Writes the tool.</summary>
    public static void Write(Utf8JsonWriter writer, ToolPart? part)
    {
        if (part is null)
        {
            return;
        }

        writer.WriteStartObject("tool"u8);
        Text(writer, "name"u8, part.Name);
        Text(writer, "namespace"u8, part.Namespace);
        Text(writer, "server"u8, part.Server);
        Text(writer, "call"u8, part.Call);
        Text(writer, "command"u8, part.Command);
        Number(writer, "duration_ms"u8, part.DurationMs);
        Flag(writer, "success"u8, part.Success);
        Number(writer, "exit_code"u8, part.ExitCode);
        writer.WriteEndObject();
    }

    /// <summary>Writes the change.</summary>
    public static void Write(Utf8JsonWriter writer, ChangePart? part)
    {
        if (part is null)
        {
            return;
        }

        writer.WriteStartObject("change"u8);
        Number(writer, "files"u8, part.Files);
        Number(writer, "added"u8, part.Added);
        Number(writer, "removed"u8, part.Removed);
        Number(writer, "commits"u8, part.Commits);
        Number(writer, "prs"u8, part.Prs);
        Number(writer, "tests"u8, part.Tests);
        Number(writer, "incidents"u8, part.Incidents);
        writer.WriteEndObject();
    }

    /// <summary>Writes where it came from.</summary>
    public static void Write(Utf8JsonWriter writer, SourcePart part)
    {
        writer.WriteStartObject("source"u8);
        Text(writer, "key"u8, part.Key);
        Text(writer, "receiver"u8, part.Receiver);
        Text(writer, "address"u8, part.Address);
        Text(writer, "dialect"u8, part.Dialect);
        writer.WriteNumber("mapper"u8, part.Mapper);
        if (part.Imported)
        {
            writer.WriteBoolean("imported"u8, true);
        }

        writer.WriteStartArray("verified"u8);
        foreach (string field in part.Verified)
        {
            writer.WriteStringValue(field);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter writer, ReadOnlySpan<byte> name, long? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
    }

    private static void Number(Utf8JsonWriter writer, ReadOnlySpan<byte> name, double? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
    }

    private static void Flag(Utf8JsonWriter writer, ReadOnlySpan<byte> name, bool? value)
    {
        if (value is { } flag)
        {
            writer.WriteBoolean(name, flag);
        }
    }
}
