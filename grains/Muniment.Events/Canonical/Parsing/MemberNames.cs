using System.Runtime.CompilerServices;
using System.Text;

namespace Muniment.Events.Canonical.Parsing;

/// <summary>
/// Names seen in one JSON object, to find one that occurs twice. Small objects are compared in place; beyond <see cref="Inline"/> names a hash set with
/// randomised hashing takes over, so a body of a hundred thousand names stays linear.
/// </summary>
internal struct MemberNames
{
    private const int Inline = 16;
    private Slots slots;
    private int count;
    private HashSet<string>? many;

    /// <summary>Adds a name that stands unescaped in <paramref name="json"/>; false when it was there.</summary>
    public bool TryAdd(ReadOnlySpan<byte> json, int start, int length)
    {
        if (many is null && count < Inline)
        {
            ReadOnlySpan<byte> name = json.Slice(start, length);
            for (int i = 0; i < count; i++)
            {
                ulong slot = slots[i];
                if ((int)(uint)slot == length && json.Slice((int)(slot >> 32), length).SequenceEqual(name))
                {
                    return false;
                }
            }

            slots[count++] = ((ulong)start << 32) | (uint)length;
            return true;
        }

        return Spill(json).Add(Encoding.UTF8.GetString(json.Slice(start, length)));
    }

    /// <summary>Adds a name that was unescaped elsewhere; false when it was there.</summary>
    public bool TryAdd(ReadOnlySpan<byte> json, string name) => Spill(json).Add(name);

    private HashSet<string> Spill(ReadOnlySpan<byte> json)
    {
        if (many is null)
        {
            many = new HashSet<string>(StringComparer.Ordinal);
            for (int i = 0; i < count; i++)
            {
                many.Add(Encoding.UTF8.GetString(json.Slice((int)(slots[i] >> 32), (int)(uint)slots[i])));
            }
        }

        return many;
    }

    [InlineArray(Inline)]
    private struct Slots
    {
        private ulong first;
    }
}
