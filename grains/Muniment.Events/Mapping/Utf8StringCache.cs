using System.Text;

namespace Muniment.Events.Mapping;

/// <summary>
/// The last string made for each hash slot (their number is a power of two). Neighbouring records repeat their action, service, user, session and model, so most strings
/// need not be made again. Owned by one reader, for one thread.
/// </summary>
internal sealed class Utf8StringCache(int slots = 256)
{
    private const int MaxBytes = 64;
    private readonly (byte[] Utf8, string Text)[] _slots = new (byte[], string)[slots];

    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MaxBytes)
        {
            return Encoding.UTF8.GetString(utf8);
        }

        var hash = new HashCode();
        hash.AddBytes(utf8);
        ref (byte[] Utf8, string Text) slot = ref _slots[hash.ToHashCode() & (_slots.Length - 1)];
        if (slot.Utf8 is null || !utf8.SequenceEqual(slot.Utf8))
        {
            slot = (utf8.ToArray(), Encoding.UTF8.GetString(utf8));
        }

        return slot.Text;
    }
}
