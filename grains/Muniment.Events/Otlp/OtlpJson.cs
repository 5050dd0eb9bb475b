using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using Muniment.Events.Otlp.Json;
using Muniment.Events.Otlp.Schema;
using Muniment.Events.Otlp.Wire;

namespace Muniment.Events.Otlp;

/// <summary>
/// OTLP/JSON as the OTLP specification has it and as senders write it, to protobuf. Integers come as numbers or strings and stay exact; ids are hex of any
/// case; null and <c>{}</c> are absent or empty values; unknown members are ignored. Refused: a member twice, two values in one oneof, names of enum
/// values, snake_case names, invalid UTF-8, lone surrogates, numbers out of range. Field paths in errors are those of the JSON.
/// </summary>
public static class OtlpJson
{
    /// <summary>
    /// Transcodes a request. What it accepts still goes through <see cref="OtlpRequestReader"/> (with <c>jsonNames</c>), which counts records and attributes.
    /// </summary>
    /// <param name="signal">Which request it is.</param>
    /// <param name="json">The whole body, decompressed.</param>
    /// <param name="protobuf">The <c>ExportXServiceRequest</c>, in memory of its own.</param>
    /// <param name="error">Why not.</param>
    /// <param name="limits">Bounds; null for <see cref="OtlpLimits.Default"/>.</param>
    public static bool TryTranscode(
        OtlpSignal signal, ReadOnlySpan<byte> json, out ReadOnlyMemory<byte> protobuf, [NotNullWhen(false)] out OtlpError? error, OtlpLimits? limits = null)
    {
        protobuf = default;
        if (!Utf8.IsValid(json))
        {
            error = new OtlpError("", FirstInvalid(json), "the body is not valid UTF-8");
            return false;
        }

        var target = new ProtoWriter((json.Length / 2) + 64);
        var reader = new OtlpJsonReader(json, target, limits ?? OtlpLimits.Default);
        bool read = reader.TryRead(OtlpSchema.RequestOf(signal));
        error = reader.Error;
        protobuf = read ? target.WrittenMemory : default;
        return read;
    }

    private static int FirstInvalid(ReadOnlySpan<byte> text)
    {
        int at = 0;
        while (Rune.DecodeFromUtf8(text[at..], out _, out int consumed) == System.Buffers.OperationStatus.Done)
        {
            at += consumed;
        }

        return at;
    }
}
