namespace Muniment.Policy.Predicates.Values;

/// <summary>Where a text must stand in the field's text.</summary>
internal enum TextPlace
{
    Whole,
    Start,
    End,
    Anywhere,
}

/// <summary>
/// A text with wildcards, <c>*</c> for any run and <c>?</c> for one character. Runs without wildcards fall to the framework's vectorised search; the rest is a
/// greedy match that goes back to the last <c>*</c> only, so it takes at most length × pattern steps.
/// </summary>
internal sealed class TextPattern
{
    private readonly IReadOnlyList<PatternPiece> pieces;
    private readonly StringComparison comparison;
    private readonly string? plain;
    private readonly TextPlace place;

    /// <summary>A pattern of pieces, placed as the modifiers say.</summary>
    public TextPattern(IReadOnlyList<PatternPiece> pieces, TextPlace place, bool cased)
    {
        var all = new List<PatternPiece>(pieces.Count + 2);
        if (place is TextPlace.End or TextPlace.Anywhere)
        {
            all.Add(PatternPiece.Any);
        }

        all.AddRange(pieces);
        if (place is TextPlace.Start or TextPlace.Anywhere)
        {
            all.Add(PatternPiece.Any);
        }

        comparison = cased ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
        this.pieces = Merge(all);
        (plain, this.place) = Simplify(this.pieces);
    }

    /// <summary>The text that must be equal, when there are no wildcards.</summary>
    public string? Exact => place == TextPlace.Whole ? plain : null;

    public bool Matches(string text)
    {
        if (plain is not null)
        {
            return place switch
            {
                TextPlace.Start => text.StartsWith(plain, comparison),
                TextPlace.End => text.EndsWith(plain, comparison),
                TextPlace.Anywhere => text.Contains(plain, comparison),
                _ => text.Equals(plain, comparison),
            };
        }

        return Glob(text);
    }

    private bool Glob(string text)
    {
        int at = 0, piece = 0, starPiece = -1, starAt = 0;
        while (true)
        {
            if (piece == pieces.Count)
            {
                if (at == text.Length)
                {
                    return true;
                }
            }
            else if (pieces[piece].IsAny)
            {
                (starPiece, starAt) = (piece++, at);
                continue;
            }
            else if (Fits(text, at, pieces[piece], out int length))
            {
                at += length;
                piece++;
                continue;
            }

            if (starPiece < 0 || ++starAt > text.Length)
            {
                return false;
            }

            piece = starPiece + 1;
            at = starAt;
            if (piece < pieces.Count && pieces[piece].Text is { } next)
            {
                int found = text.AsSpan(at).IndexOf(next, comparison);
                if (found < 0)
                {
                    return false;
                }

                at = starAt = at + found;
            }
        }
    }

    private bool Fits(string text, int at, PatternPiece piece, out int length)
    {
        length = piece.Text?.Length ?? 1;
        return length <= text.Length - at && (piece.Text is null || string.Compare(text, at, piece.Text, 0, length, comparison) == 0);
    }

    private static List<PatternPiece> Merge(List<PatternPiece> pieces)
    {
        var merged = new List<PatternPiece>(pieces.Count);
        foreach (PatternPiece piece in pieces)
        {
            if (!(piece.IsAny && merged.Count > 0 && merged[^1].IsAny))
            {
                merged.Add(piece);
            }
        }

        return merged;
    }

    private static (string? Plain, TextPlace Place) Simplify(IReadOnlyList<PatternPiece> pieces) => pieces switch
    {
        [] => ("", TextPlace.Whole),
        [{ IsAny: true }] => ("", TextPlace.Anywhere),
        [{ Text: { } only }] => (only, TextPlace.Whole),
        [{ Text: { } start }, { IsAny: true }] => (start, TextPlace.Start),
        [{ IsAny: true }, { Text: { } end }] => (end, TextPlace.End),
        [{ IsAny: true }, { Text: { } middle }, { IsAny: true }] => (middle, TextPlace.Anywhere),
        _ => (null, TextPlace.Whole),
    };
}

/// <summary>A run of plain text, or one wildcard.</summary>
internal readonly record struct PatternPiece(string? Text, bool IsAny)
{
    public static PatternPiece Any => new(null, true);

    public static PatternPiece One => new(null, false);

    public static PatternPiece Plain(string text) => new(text, false);
}
