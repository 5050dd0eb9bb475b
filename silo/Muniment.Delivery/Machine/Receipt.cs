using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Muniment.Delivery.Batches;

namespace Muniment.Delivery.Machine;

/// <summary>
/// What was delivered, as evidence: receipts of a lane cover its seqs without holes, and each names the hash of the one written before it. The hash is the SHA-256 of the
/// stored JSON.
/// </summary>
public sealed record Receipt
{
    /// <summary>Position in the destination's chain, from 0.</summary>
    public required long Number { get; init; }
    /// <summary>Its JSON, whose hash the next receipt names.</summary>
    public required ReadOnlyMemory<byte> Json { get; init; }
    /// <summary>SHA-256 of <see cref="Json"/>, hex.</summary>
    public required string Hash { get; init; }

    /// <summary>Writes one.</summary>
    public static Receipt Create(long number, PlanState plan, string? previous, DateTimeOffset finished)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("number", number);
            json.WriteString("lane", plan.Lane);
            json.WriteNumber("epoch", plan.Epoch);
            if (plan.Events > 0)
            {
                json.WriteNumber("n_first", plan.FirstN);
                json.WriteNumber("n_last", plan.Replay is null ? plan.FirstN + plan.Events - 1 : plan.Replay[^1].N);
            }
            else
            {
                json.WriteNull("n_first");
                json.WriteNull("n_last");
            }

            json.WriteNumber("first", plan.First);
            json.WriteNumber("last", plan.Last);
            json.WriteNumber("events", plan.Events - plan.Gone);
            json.WriteNumber("dead_letters", plan.Dead);
            if (plan.Cut.Count > 0)
            {
                json.WriteNumber("cut", plan.Cut.Count);
            }

            json.WriteNumber("bytes", plan.Bytes);
            LeftOut left = plan.LeftOut;
            json.WriteStartObject("left_out");
            json.WriteNumber("stream", left.Stream);
            json.WriteNumber("where", left.Where);
            json.WriteNumber("sample", left.Sample);
            json.WriteNumber("retention", left.Retention);
            json.WriteEndObject();
            if (plan.Redacted is { } redacted)
            {
                json.WriteStartObject("redacted");
                foreach ((string name, long count) in redacted.OrderBy(p => p.Key, StringComparer.Ordinal))
                {
                    json.WriteNumber(name, count);
                }

                json.WriteEndObject();
            }

            json.WriteString("digest", "sha256:" + plan.Digest);
            json.WriteNumber("config_version", plan.ShapeVersion);
            json.WriteString("response", plan.Response);
            json.WriteNumber("attempts", plan.Attempts);
            json.WriteString("started", plan.Started.UtcDateTime);
            json.WriteString("finished", finished.UtcDateTime);
            json.WriteString("prev", previous);
            json.WriteEndObject();
        }

        byte[] bytes = buffer.WrittenSpan.ToArray();
        return new Receipt { Number = number, Json = bytes, Hash = Convert.ToHexStringLower(SHA256.HashData(bytes)) };
    }
}
