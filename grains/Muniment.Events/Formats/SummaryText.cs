using System.Text.Json;
using Muniment.Events.Canonical;

namespace Muniment.Events.Formats;

/// <summary>One sentence for people: who, what, on what, how it ended and why. Written into memory that is used again and again.</summary>
internal sealed class SummaryText
{
    /// <summary>Most characters; what lies beyond is in the event's fields anyway.</summary>
    public const int MaxLength = 512;

    private readonly char[] _text = new char[MaxLength];

    /// <summary>The sentence, valid until the next call.</summary>
    public ReadOnlySpan<char> Of(CanonicalEvent e)
    {
        int length = 0;
        Add(e.Actor.Human ?? e.Actor.Id, ref length);
        Add(e.Action, ref length);
        Add(e.Target, ref length);
        Add(e.Result, ref length);
        Add(e.Reason, ref length);
        return _text.AsSpan(0, length);
    }

    /// <summary>Writes it as a member.</summary>
    public void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, CanonicalEvent e) => json.WriteString(name, Of(e));

    private void Add(string? word, ref int length)
    {
        if (string.IsNullOrEmpty(word) || length > MaxLength - 2)
        {
            return;
        }

        if (length > 0)
        {
            _text[length++] = ' ';
        }

        int take = Math.Min(word.Length, MaxLength - length);
        take -= take > 0 && take < word.Length && char.IsHighSurrogate(word[take - 1]) ? 1 : 0; // never half a character
        word.AsSpan(0, take).CopyTo(_text.AsSpan(length));
        length += take;
    }
}
