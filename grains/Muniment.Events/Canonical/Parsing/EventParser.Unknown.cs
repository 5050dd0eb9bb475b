using System.Text.Json;

namespace Muniment.Events.Canonical.Parsing;

/// <summary>What the contract does not name: walked once to check depth, names and escapes, then kept as the text it was.</summary>
internal ref partial struct EventParser
{
    /// <summary>An unknown member of the event (<paramref name="parent"/> null) or of a known object.</summary>
    private void Unknown(string? parent)
    {
        bool reserved = parent is null && DetailNames.IsReserved(name);
        Stray(parent, reserved ? StrayPlace.ClaimedSent : StrayPlace.Details);
    }

    /// <summary>A member that only the server sets.</summary>
    private void ServerOnly() => Stray(null, StrayPlace.Claimed);

    private void Stray(string? parent, StrayPlace place)
    {
        (int start, int length) = (nameStart, nameLength);
        (int valueStart, int valueLength) = Skip(parent);
        if (!Failed)
        {
            (strays ??= []).Add(new StrayMember(parent, place, start, length, valueStart, valueLength));
        }
    }

    private void ReadDetails()
    {
        if (!Enter("details", "an object"))
        {
            return;
        }

        detailsStart = (int)reader.TokenStartIndex;
        MemberNames names = default;
        while (Next(ref names, "details"))
        {
            detailsNeedSorting |= sender != SenderKind.Platform && DetailNames.IsReserved(name);
            Skip("details");
        }

        detailsLength = (int)reader.BytesConsumed - detailsStart;
    }

    /// <summary>Passes over the next value, whatever it is; returns where it stands.</summary>
    private (int Start, int Length) Skip(string? parent)
    {
        if (Failed || !reader.Read())
        {
            return default;
        }

        int start = (int)reader.TokenStartIndex;
        SkipCurrent(parent);
        return (start, (int)reader.BytesConsumed - start);
    }

    private void SkipCurrent(string? parent)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                if (TooDeep(parent))
                {
                    return;
                }

                MemberNames names = default;
                while (Next(ref names, parent))
                {
                    reader.Read();
                    SkipCurrent(parent);
                }

                break;
            case JsonTokenType.StartArray:
                if (TooDeep(parent))
                {
                    return;
                }

                while (!Failed && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    SkipCurrent(parent);
                }

                break;
            case JsonTokenType.String when reader.ValueIsEscaped && !JsonEscapes.ArePaired(reader.ValueSpan):
                Fail(Path(parent), "surrogate escapes in pairs");
                break;
        }
    }

    private bool TooDeep(string? parent)
    {
        if (reader.CurrentDepth < EventLimits.MaxDepth)
        {
            return false;
        }

        Fail(Path(parent), $"nesting of at most {EventLimits.MaxDepth} levels");
        return true;
    }

    /// <summary>The details to keep, and the members of <c>details.claimed</c>; both on one line, so an NDJSON line stays one.</summary>
    private readonly ReadOnlyMemory<byte> ComposeDetails(out ReadOnlyMemory<byte> claimed)
    {
        claimed = default;
        ReadOnlyMemory<byte> sent = json.Slice(detailsStart, detailsLength);
        if (strays is not null || detailsNeedSorting)
        {
            return new DetailsSorter(json.Span, sent, strays ?? []).Sort(out claimed);
        }

        return sent.Length <= 2 ? default : JsonText.OneLine(sent);
    }
}
