using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using Muniment.Events.Hashing;

namespace Muniment.Events.Canonical.Copying;

/// <summary>
/// Writes a stored event's canonical JSON from the text that was sent, without making an event of it: values are copied as they stand. What it writes is byte for byte what
/// <see cref="EventReader"/> and <see cref="Writing.CanonicalJsonWriter"/> give; whatever would take more than copying (an escape in a text of the contract, a claim, an entry
/// of another kind) it leaves to them. Used by one thread; holds the event that it looked at last.
/// </summary>
public sealed class CanonicalCopier(TenantId tenant)
{
    private const int MaxStrays = 32;
    private const int MaxDigits = 15;
    private const int FixedSizeBytes = 1024; // times, id, names and quotes that the text does not have itself
    private readonly Span[] slots = new Span[CopyPart.Slots];
    private readonly (Span Name, Span Value)[] strays = new (Span, Span)[MaxStrays];
    private SeenBytes lastEnvelope;
    private CopyFrame? frame;
    private ReadOnlyMemory<byte> record;
    private bool isAscii; // every byte from blank to tilde, so that no part has to be looked at again
    private readonly byte[] id = new byte[EventIds.MaxLength];
    private int idLength;
    private string? idText;
    private long seq;
    private long receivedNs;
    private ulong taken;
    private Parts parts;
    private Span action;
    private Span target;
    private Span mode;
    private Span result;
    private Span reason;
    private Span risk;
    private Span details;
    private int strayCount;
    private bool ownUser;
    private readonly byte[] time = new byte[Timestamps.SizeBytes];
    private readonly byte[] received = new byte[Timestamps.SizeBytes];
    private long timeWritten = long.MinValue;
    private long receivedWritten = long.MinValue;

    [Flags]
    private enum Parts
    {
        None = 0, Agent = 1, Artifact = 2, Policy = 4, Trace = 8, Resource = 16, Client = 32, Model = 64, Usage = 128, Tool = 256, Change = 512, Actor = 1024, Details = 2048, Id = 4096, Time = 8192,
        Stream = 16384, Action = 32768, Target = 65536, Mode = 131072, Result = 262144, Reason = 524288, Risk = 1048576,
    }

    /// <summary>Its id: printable ASCII without quotes and backslashes.</summary>
    public string Id => idText ??= Encoding.ASCII.GetString(IdUtf8);

    /// <summary>Its id, until the next event is looked at.</summary>
    public ReadOnlySpan<byte> IdUtf8 => id.AsSpan(0, idLength);

    /// <summary>Whether its sender gave it the id; else it is computed from the rest.</summary>
    public bool IsIdGiven => parts.HasFlag(Parts.Id);

    /// <summary>Its time, Unix ns.</summary>
    public long TimeNs { get; private set; }

    /// <summary>Its stream.</summary>
    public string Stream => frame!.Stream;

    /// <summary>Whether its result is <c>denied</c>.</summary>
    public bool IsDenied => record.Span.Slice(result.Start, result.Length).SequenceEqual("denied"u8);

    /// <summary>Most bytes that <see cref="Write"/> takes.</summary>
    public int MaxSizeBytes => record.Length + idLength + frame!.Source.Length + frame.Resource.Length + frame.UserMember.Length + FixedSizeBytes;

    /// <summary>Looks at an event; false when it must be read.</summary>
    public bool TryTake(in StoredEvent stored)
    {
        if (stored.Kind != EntryKind.Event || stored.Record.Length > EventLimits.MaxSizeBytes)
        {
            return false;
        }

        if (!lastEnvelope.Are(stored.Envelope.Span))
        {
            frame = CopyFrame.Create(EnvelopeCodec.Read(stored.Envelope.Span));
            lastEnvelope.Remember(stored.Envelope.Span);
        }

        ReadOnlySpan<byte> json = stored.Record.Span;
        isAscii = !json.ContainsAnyExceptInRange((byte)' ', (byte)'~');
        if (frame is null || (!isAscii && (json.ContainsAnyInRange((byte)0, (byte)0x1f) || !Utf8.IsValid(json))))
        {
            return false;
        }

        (record, seq, receivedNs, TimeNs) = (stored.Record, stored.Seq, stored.ReceivedNs, stored.ReceivedNs);
        (taken, parts, strayCount, idLength, idText, ownUser) = (0, Parts.None, 0, 0, null, false);
        const Parts Required = Parts.Actor | Parts.Action | Parts.Result;
        CopyText text = new(json);
        if (!text.Pass((byte)'{') || !TakeMembers(ref text, json) || !text.AtEnd || (parts & Required) != Required || (parts.HasFlag(Parts.Details) && strayCount > 0)
            || (parts.HasFlag(Parts.Resource) && frame.Resource.Length > 0) || TimeNs - EnvelopeOverlay.MaxAheadNs > receivedNs || !TakeUser(json))
        {
            return false;
        }

        if (idLength == 0)
        {
            EventIds.Write(tenant, seq, receivedNs, id);
            idLength = EventIds.ComputedLength;
        }

        return true;
    }

    /// <summary>Writes the event that was looked at; returns how many bytes it took.</summary>
    [SkipLocalsInit]
    public int Write(Span<byte> output)
    {
        ReadOnlySpan<byte> json = record.Span;
        CopyFrame around = frame!;
        int at = 0;
        Put(output, ref at, "{\"id\":\""u8);
        Put(output, ref at, IdUtf8);
        Put(output, ref at, "\",\"seq\":"u8);
        System.Buffers.Text.Utf8Formatter.TryFormat(seq, output[at..], out int digits);
        at += digits;
        Put(output, ref at, ",\"ts\":\""u8);
        Put(output, ref at, Format(TimeNs, time, ref timeWritten));
        Put(output, ref at, "\",\"received\":\""u8);
        Put(output, ref at, Format(receivedNs, received, ref receivedWritten));
        Put(output, ref at, around.AfterTimes);
        Put(output, ref at, CopyPart.Actor.Head);
        PutMembers(output, ref at, json, CopyPart.Actor);
        if (ownUser)
        {
            Put(output, ref at, around.UserMember);
        }

        output[at++] = (byte)'}';
        PutPart(output, ref at, json, CopyPart.Agent, Parts.Agent);
        Put(output, ref at, ",\"action\":"u8);
        Put(output, ref at, Quoted(json, action));
        PutPart(output, ref at, json, CopyPart.Artifact, Parts.Artifact);
        PutPart(output, ref at, json, CopyPart.Policy, Parts.Policy);
        PutText(output, ref at, json, ",\"target\":"u8, target, Parts.Target);
        PutText(output, ref at, json, ",\"mode\":"u8, mode, Parts.Mode);
        PutPart(output, ref at, json, CopyPart.Trace, Parts.Trace);
        Put(output, ref at, ",\"result\":"u8);
        Put(output, ref at, Quoted(json, result));
        PutText(output, ref at, json, ",\"reason\":"u8, reason, Parts.Reason);
        PutText(output, ref at, json, ",\"risk\":"u8, risk, Parts.Risk);
        PutPart(output, ref at, json, CopyPart.Resource, Parts.Resource);
        Put(output, ref at, around.Resource);
        PutPart(output, ref at, json, CopyPart.Client, Parts.Client);
        PutPart(output, ref at, json, CopyPart.Model, Parts.Model);
        PutPart(output, ref at, json, CopyPart.Usage, Parts.Usage);
        PutPart(output, ref at, json, CopyPart.Tool, Parts.Tool);
        PutPart(output, ref at, json, CopyPart.Change, Parts.Change);
        Put(output, ref at, around.Source);
        Put(output, ref at, ",\"details\":"u8);
        if (parts.HasFlag(Parts.Details))
        {
            Put(output, ref at, json.Slice(details.Start, details.Length));
        }
        else
        {
            output[at++] = (byte)'{';
            for (int i = 0; i < strayCount; i++)
            {
                if (i > 0)
                {
                    output[at++] = (byte)',';
                }

                (Span name, Span value) = strays[i];
                Put(output, ref at, Quoted(json, name));
                output[at++] = (byte)':';
                Put(output, ref at, json.Slice(value.Start, value.Length));
            }

            output[at++] = (byte)'}';
        }

        output[at++] = (byte)'}';
        return at;
    }

    private bool TakeMembers(ref CopyText text, ReadOnlySpan<byte> json)
    {
        if (text.Pass((byte)'}'))
        {
            return true;
        }

        do
        {
            if (!text.PassText(out int start, out int length, out bool plain) || !plain || !text.Pass((byte)':') || !TakeMember(ref text, json, new Span(start, length)))
            {
                return false;
            }
        }
        while (text.Pass((byte)','));
        return text.Pass((byte)'}');
    }

    private bool TakeMember(ref CopyText text, ReadOnlySpan<byte> json, Span member)
    {
        ReadOnlySpan<byte> name = json.Slice(member.Start, member.Length);
        switch (name.Length)
        {
            case 2 when name.SequenceEqual("id"u8): return Claim(Parts.Id) && TakeId(ref text, json);
            case 2 when name.SequenceEqual("ts"u8): return Claim(Parts.Time) && TakeTime(ref text, json);
            case 4 when name.SequenceEqual("mode"u8): return TakeWord(ref text, json, Vocabulary.Modes, Parts.Mode, ref mode);
            case 4 when name.SequenceEqual("risk"u8): return TakeWord(ref text, json, Vocabulary.Risks, Parts.Risk, ref risk);
            case 4 when name.SequenceEqual("tool"u8): return TakePart(ref text, json, CopyPart.Tool, Parts.Tool);
            case 5 when name.SequenceEqual("actor"u8): return TakeActor(ref text, json);
            case 5 when name.SequenceEqual("agent"u8): return TakePart(ref text, json, CopyPart.Agent, Parts.Agent);
            case 5 when name.SequenceEqual("trace"u8): return TakeFlat(ref text, json, CopyPart.Trace, Parts.Trace, 4);
            case 5 when name.SequenceEqual("model"u8): return TakePart(ref text, json, CopyPart.Model, Parts.Model);
            case 5 when name.SequenceEqual("usage"u8): return TakePart(ref text, json, CopyPart.Usage, Parts.Usage);
            case 6 when name.SequenceEqual("action"u8): return TakeText(ref text, json, Parts.Action, ref action) && action.Length is > 0 and <= EventLimits.MaxActionLength;
            case 6 when name.SequenceEqual("policy"u8): return TakeFlat(ref text, json, CopyPart.Policy, Parts.Policy, 0);
            case 6 when name.SequenceEqual("target"u8): return TakeText(ref text, json, Parts.Target, ref target);
            case 6 when name.SequenceEqual("result"u8): return TakeWord(ref text, json, Vocabulary.Results, Parts.Result, ref result);
            case 6 when name.SequenceEqual("reason"u8): return TakeText(ref text, json, Parts.Reason, ref reason);
            case 6 when name.SequenceEqual("client"u8): return TakePart(ref text, json, CopyPart.Client, Parts.Client);
            case 6 when name.SequenceEqual("change"u8): return TakePart(ref text, json, CopyPart.Change, Parts.Change);
            case 6 when name.SequenceEqual("stream"u8):
                return Claim(Parts.Stream) && text.PassText(out int start, out int length, out _) && json.Slice(start, length).SequenceEqual("activity"u8);
            case 7 when name.SequenceEqual("details"u8): return Claim(Parts.Details) && TakeDetails(ref text, json);
            case 8 when name.SequenceEqual("artifact"u8): return TakeArtifact(ref text, json);
            case 8 when name.SequenceEqual("resource"u8): return TakePart(ref text, json, CopyPart.Resource, Parts.Resource);
            case 3 when name.SequenceEqual("seq"u8):
            case 6 when name.SequenceEqual("signal"u8) || name.SequenceEqual("source"u8):
            case 8 when name.SequenceEqual("received"u8) || name.SequenceEqual("decision"u8) || name.SequenceEqual("approval"u8):
                return false;
        }

        if (DetailNames.IsReserved(name) || strayCount == MaxStrays)
        {
            return false;
        }

        for (int i = 0; i < strayCount; i++)
        {
            if (strays[i].Name.Length == name.Length && json.Slice(strays[i].Name.Start, name.Length).SequenceEqual(name))
            {
                return false;
            }
        }

        if (!text.PassValue(out int valueStart, out int valueLength))
        {
            return false;
        }

        strays[strayCount++] = (member, new Span(valueStart, valueLength));
        return true;
    }

    private bool TakeId(ref CopyText text, ReadOnlySpan<byte> json)
    {
        if (!TakePlain(ref text, json, out Span value) || value.Length is 0 or > EventIds.MaxLength)
        {
            return false;
        }

        json.Slice(value.Start, value.Length).CopyTo(id);
        idLength = value.Length;
        return true;
    }

    private bool TakeTime(ref CopyText text, ReadOnlySpan<byte> json)
    {
        if (!TakePlain(ref text, json, out Span value) || !Timestamps.TryParse(json.Slice(value.Start, value.Length), out long timeNs))
        {
            return false;
        }

        TimeNs = timeNs;
        return true;
    }

    private bool TakeText(ref CopyText text, ReadOnlySpan<byte> json, Parts part, ref Span value) => Claim(part) && TakePlain(ref text, json, out value);

    private bool TakeWord(ref CopyText text, ReadOnlySpan<byte> json, Vocabulary words, Parts part, ref Span value) =>
        Claim(part) && TakePlain(ref text, json, out value) && words.Find(json.Slice(value.Start, value.Length)) is not null;

    /// <summary>A text that is written as it stands: printable ASCII without escapes.</summary>
    private bool TakePlain(ref CopyText text, ReadOnlySpan<byte> json, out Span value)
    {
        bool isPlain = text.PassText(out int start, out int length, out bool plain) && plain && (isAscii || !json.Slice(start, length).ContainsAnyExceptInRange((byte)' ', (byte)'~'));
        value = new Span(start, length);
        return isPlain;
    }

    private bool TakeActor(ref CopyText text, ReadOnlySpan<byte> json)
    {
        if (text.Peek() != '"')
        {
            return TakePart(ref text, json, CopyPart.Actor, Parts.Actor) && Has(0) && slots[0].Length > 0;
        }

        if (!Claim(Parts.Actor) || !TakePlain(ref text, json, out Span flat) || flat.Length == 0)
        {
            return false;
        }

        int colon = json.Slice(flat.Start, flat.Length).IndexOf((byte)':');
        if (colon > 0 && colon < flat.Length - 1 && Vocabulary.ActorTypes.Find(json.Slice(flat.Start, colon)) is not null)
        {
            Set(0, new Span(flat.Start + colon + 1, flat.Length - colon - 1));
            Set(1, new Span(flat.Start, colon));
            return true;
        }

        return false; // a service by default: its type does not stand in the text
    }

    private bool TakeArtifact(ref CopyText text, ReadOnlySpan<byte> json)
    {
        if (text.Peek() != '"')
        {
            return TakePart(ref text, json, CopyPart.Artifact, Parts.Artifact);
        }

        if (!Claim(Parts.Artifact) || !TakePlain(ref text, json, out Span flat) || flat.Length == 0)
        {
            return false;
        }

        int cut = json.Slice(flat.Start, flat.Length).LastIndexOf((byte)'@');
        bool isCut = cut > 0 && cut < flat.Length - 1;
        Set(CopyPart.Artifact.First + 1, isCut ? flat with { Length = cut } : flat);
        if (isCut)
        {
            Set(CopyPart.Artifact.First + 2, new Span(flat.Start + cut + 1, flat.Length - cut - 1));
        }

        return true;
    }

    /// <summary>An object, or a text that stands for one of its members.</summary>
    private bool TakeFlat(ref CopyText text, ReadOnlySpan<byte> json, CopyPart part, Parts which, int member)
    {
        if (text.Peek() != '"')
        {
            return TakePart(ref text, json, part, which);
        }

        if (!Claim(which) || !TakePlain(ref text, json, out Span flat) || flat.Length == 0)
        {
            return false;
        }

        Set(part.First + member, flat);
        return true;
    }

    private bool TakePart(ref CopyText text, ReadOnlySpan<byte> json, CopyPart part, Parts which)
    {
        if (!Claim(which) || !text.Pass((byte)'{'))
        {
            return false;
        }

        if (text.Pass((byte)'}'))
        {
            return true;
        }

        do
        {
            if (!text.PassText(out int start, out int length, out bool plain) || !plain || !text.Pass((byte)':'))
            {
                return false;
            }

            ReadOnlySpan<byte> name = json.Slice(start, length);
            int member = 0;
            while (member < part.Members.Length && !name.SequenceEqual(part.Members[member].Name))
            {
                member++;
            }

            if (member == part.Members.Length || Has(part.First + member) || !TakeValue(ref text, json, part.Members[member], out Span value))
            {
                return false;
            }

            Set(part.First + member, value);
        }
        while (text.Pass((byte)','));
        return text.Pass((byte)'}');
    }

    private bool TakeValue(ref CopyText text, ReadOnlySpan<byte> json, CopyPart.Member member, out Span value)
    {
        if (member.Form is CopyForm.Digits or CopyForm.Number or CopyForm.Flag)
        {
            bool passed = text.PassWord(out int start, out int length);
            value = new Span(start, length);
            ReadOnlySpan<byte> word = json.Slice(start, length);
            return passed && member.Form switch
            {
                CopyForm.Flag => word.SequenceEqual("true"u8) || word.SequenceEqual("false"u8),
                CopyForm.Digits => IsDigits(word),
                _ => IsNumber(word),
            };
        }

        if (!TakePlain(ref text, json, out value))
        {
            return false;
        }

        ReadOnlySpan<byte> content = json.Slice(value.Start, value.Length);
        return member.Form switch
        {
            CopyForm.Word => member.Words!.Find(content) is not null,
            CopyForm.Hex => content.Length == member.Length && content.ContainsAnyExcept((byte)'0') && IsLowerHex(content),
            _ => true,
        };
    }

    private static bool IsDigits(ReadOnlySpan<byte> text) => text.Length <= MaxDigits && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9');

    /// <summary>Decimals of so many digits are different doubles, so the shortest text of the double is this one; from 0.0001 on without an exponent.</summary>
    private static bool IsNumber(ReadOnlySpan<byte> text)
    {
        int point = text.IndexOf((byte)'.');
        return point < 0
            ? IsDigits(text)
            : text.Length <= MaxDigits + 1 && point > 0 && IsDigits(text[..point]) && IsDigits(text[(point + 1)..]) && text[^1] is not ((byte)'0' or (byte)'.')
                && !(text[0] == '0' && text[(point + 1)..].StartsWith("0000"u8));
    }

    private static bool IsLowerHex(ReadOnlySpan<byte> text)
    {
        foreach (byte c in text)
        {
            if (c is not ((>= (byte)'0' and <= (byte)'9') or (>= (byte)'a' and <= (byte)'f')))
            {
                return false;
            }
        }

        return true;
    }

    private bool TakeDetails(ref CopyText text, ReadOnlySpan<byte> json)
    {
        text.Peek();
        int begin = text.At;
        if (!text.Pass((byte)'{'))
        {
            return false;
        }

        if (!text.Pass((byte)'}'))
        {
            do
            {
                if (!text.PassText(out int start, out int length, out bool plain) || !plain || DetailNames.IsReserved(json.Slice(start, length)) || !text.Pass((byte)':') || !text.PassValue(out _, out _))
                {
                    return false;
                }
            }
            while (text.Pass((byte)','));
            if (!text.Pass((byte)'}'))
            {
                return false;
            }
        }

        details = new Span(begin, text.At - begin);
        return true;
    }

    /// <summary>The key's user becomes the actor's, where the actor claims no other.</summary>
    private bool TakeUser(ReadOnlySpan<byte> json)
    {
        byte[] user = frame!.User;
        if (user.Length == 0)
        {
            return true;
        }

        if (Has(2) || (Has(1) && Of(json, 1).SequenceEqual("user"u8) && !Of(json, 0).SequenceEqual(user)))
        {
            return false;
        }

        ownUser = true;
        return true;
    }

    private bool Claim(Parts part)
    {
        bool isNew = (parts & part) == 0;
        parts |= part;
        return isNew;
    }

    private bool Has(int slot) => (taken & (1UL << slot)) != 0;

    private void Set(int slot, Span value)
    {
        taken |= 1UL << slot;
        slots[slot] = value;
    }

    private ReadOnlySpan<byte> Of(ReadOnlySpan<byte> json, int slot) => json.Slice(slots[slot].Start, slots[slot].Length);

    private static ReadOnlySpan<byte> Format(long ns, byte[] room, ref long written)
    {
        if (ns != written)
        {
            Timestamps.Format(ns, room);
            written = ns;
        }

        return room;
    }

    /// <summary>A text with the quotes that stand around it. Parts of a text that was cut have none; they are written member by member.</summary>
    private static ReadOnlySpan<byte> Quoted(ReadOnlySpan<byte> json, Span text) => json.Slice(text.Start - 1, text.Length + 2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a copy of a constant length is a few moves then
    private static void Put(Span<byte> output, ref int at, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(output[at..]);
        at += bytes.Length;
    }

    private void PutText(Span<byte> output, ref int at, ReadOnlySpan<byte> json, ReadOnlySpan<byte> name, Span value, Parts part)
    {
        if ((parts & part) != 0)
        {
            Put(output, ref at, name);
            Put(output, ref at, Quoted(json, value));
        }
    }

    private void PutPart(Span<byte> output, ref int at, ReadOnlySpan<byte> json, CopyPart part, Parts which)
    {
        if ((parts & which) != 0)
        {
            Put(output, ref at, part.Head);
            PutMembers(output, ref at, json, part);
            output[at++] = (byte)'}';
        }
    }

    private void PutMembers(Span<byte> output, ref int at, ReadOnlySpan<byte> json, CopyPart part)
    {
        bool isFirst = true;
        for (int i = 0; i < part.Members.Length; i++)
        {
            if (!Has(part.First + i))
            {
                continue;
            }

            if (!isFirst)
            {
                output[at++] = (byte)',';
            }

            isFirst = false;
            CopyPart.Member member = part.Members[i];
            Put(output, ref at, member.Head);
            bool isText = member.Form is not (CopyForm.Digits or CopyForm.Number or CopyForm.Flag);
            if (isText)
            {
                output[at++] = (byte)'"';
            }

            Put(output, ref at, Of(json, part.First + i));
            if (isText)
            {
                output[at++] = (byte)'"';
            }
        }
    }

    /// <summary>Where something stands in the text.</summary>
    private readonly record struct Span(int Start, int Length);
}
