using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Muniment.Events.Blocks;

/// <summary>
/// Part 0 of a record, what its commitment covers: <c>u32 length ‖ envelope</c>, then for <see cref="EntryKind.Event"/> <c>u32 length ‖ record</c>, for OTLP
/// kinds <c>u32 length ‖ resource ‖ u32 length ‖ scope ‖ u32 length ‖ record</c>; lengths big-endian. <c>c_0 = SHA-256(salt ‖ part 0)</c>.
/// </summary>
public static class ClearPart
{
    /// <summary>Length of part 0 in bytes.</summary>
    public static long Size(EntryKind kind, int envelopeLength, int resourceLength, int scopeLength, int recordLength) =>
        kind == EntryKind.Event ? 8L + envelopeLength + recordLength : 16L + envelopeLength + resourceLength + scopeLength + recordLength;

    /// <summary>Length of part 0 of an event in bytes.</summary>
    public static long Size(in StoredEvent stored) => Size(stored.Kind, stored.Envelope.Length, stored.Resource.Length, stored.Scope.Length, stored.Record.Length);

    /// <summary>Writes part 0 of an event, exactly <see cref="Size(in StoredEvent)"/> bytes.</summary>
    public static void Write(Span<byte> target, in StoredEvent stored) =>
        Write(target, stored.Kind, stored.Envelope.Span, stored.Resource.Span, stored.Scope.Span, stored.Record.Span);

    /// <summary><c>c_0</c> of one event.</summary>
    /// <param name="stored">The event.</param>
    /// <param name="salt">Its 16-byte salt (<see cref="Salts"/>).</param>
    /// <param name="commitment">32 bytes.</param>
    public static void Commit(in StoredEvent stored, ReadOnlySpan<byte> salt, Span<byte> commitment) =>
        Hash(stored.Kind, salt, stored.Envelope.Span, stored.Resource.Span, stored.Scope.Span, stored.Record.Span, commitment);

    internal static void Write(Span<byte> target, EntryKind kind, ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> resource, ReadOnlySpan<byte> scope, ReadOnlySpan<byte> record)
    {
        target = WriteOne(target, envelope);
        if (kind != EntryKind.Event)
        {
            target = WriteOne(WriteOne(target, resource), scope);
        }

        WriteOne(target, record);
    }

    internal static void Hash(
        EntryKind kind, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> resource, ReadOnlySpan<byte> scope, ReadOnlySpan<byte> record, Span<byte> commitment)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(salt);
        AppendOne(hash, envelope);
        if (kind != EntryKind.Event)
        {
            AppendOne(hash, resource);
            AppendOne(hash, scope);
        }

        AppendOne(hash, record);
        hash.GetHashAndReset(commitment);
    }

    private static Span<byte> WriteOne(Span<byte> target, ReadOnlySpan<byte> value)
    {
        BinaryPrimitives.WriteInt32BigEndian(target, value.Length);
        value.CopyTo(target[4..]);
        return target[(4 + value.Length)..];
    }

    private static void AppendOne(IncrementalHash hash, ReadOnlySpan<byte> value)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, value.Length);
        hash.AppendData(length);
        hash.AppendData(value);
    }
}
