using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Muniment.Events.Canonical.Parsing;

/// <summary>
/// Puts the sender's <c>details</c> and the stray members together. Order: the sender's own, unknown members, unknown members of known objects. Nothing is
/// lost: what cannot have its place (the server's names, names that are taken) goes to <c>details.claimed</c>.
/// </summary>
internal readonly ref struct DetailsSorter(ReadOnlySpan<byte> json, ReadOnlyMemory<byte> sent, List<StrayMember> strays)
{
    private readonly ReadOnlySpan<byte> json = json;

    public ReadOnlyMemory<byte> Sort(out ReadOnlyMemory<byte> claimed)
    {
        var details = new Members(sent.Length + 256);
        var claims = new Members(0);
        var claimedDetails = new Members(0);
        var claimedSent = new Members(0);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        SortSent(ref details, ref claimedDetails, taken);
        List<string>? parents = null;
        foreach (StrayMember stray in strays)
        {
            if (stray.Parent is not null)
            {
                parents ??= [];
                if (!parents.Contains(stray.Parent))
                {
                    parents.Add(stray.Parent);
                }
            }
            else if (stray.Place == StrayPlace.Claimed)
            {
                Add(ref claims, stray);
            }
            else if (stray.Place == StrayPlace.ClaimedSent || taken.Contains(JsonSerializer.Deserialize<string>(json.Slice(stray.NameStart, stray.NameLength))!))
            {
                Add(ref claimedSent, stray);
            }
            else
            {
                Add(ref details, stray);
            }
        }

        foreach (string parent in parents ?? [])
        {
            var inner = new Members(0);
            foreach (StrayMember stray in strays)
            {
                if (stray.Parent == parent)
                {
                    Add(ref inner, stray);
                }
            }

            AddObject(ref taken.Contains(parent) ? ref claimedSent : ref details, parent, inner);
        }

        AddObject(ref claims, "details", claimedDetails);
        AddObject(ref claims, "sent", claimedSent);
        claimed = JsonText.OneLine(claims.Written);
        return details.Written.IsEmpty ? default : JsonText.OneLine(JsonText.Append(default, details.Written.Span));
    }

    private void SortSent(ref Members details, ref Members claimedDetails, HashSet<string> taken)
    {
        if (sent.IsEmpty)
        {
            return;
        }

        ReadOnlySpan<byte> text = sent.Span;
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = 2 * EventLimits.MaxDepth });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            int nameStart = (int)reader.TokenStartIndex;
            int nameLength = reader.ValueSpan.Length + 2;
            reader.Read();
            int valueStart = (int)reader.TokenStartIndex;
            reader.Skip();
            ReadOnlySpan<byte> value = text[valueStart..(int)reader.BytesConsumed];
            if (DetailNames.IsReserved(Encoding.UTF8.GetBytes(name)))
            {
                claimedDetails.Add(text.Slice(nameStart, nameLength), value);
                continue;
            }

            taken.Add(name);
            details.Add(text.Slice(nameStart, nameLength), value);
        }
    }

    private void Add(ref Members to, in StrayMember stray) =>
        to.Add(json.Slice(stray.NameStart, stray.NameLength), json.Slice(stray.ValueStart, stray.ValueLength));

    /// <summary>Parents are names of the contract (<c>usage.cost</c> the only dotted one), so they need no escaping.</summary>
    private static void AddObject(ref Members to, string name, in Members members)
    {
        if (!members.Written.IsEmpty)
        {
            to.Add(Encoding.ASCII.GetBytes($"\"{name}\""), JsonText.Append(default, members.Written.Span).Span);
        }
    }

    /// <summary>Members of one object being written, without braces.</summary>
    private struct Members(int capacityBytes)
    {
        private ArrayBufferWriter<byte>? output;

        public readonly ReadOnlyMemory<byte> Written => output?.WrittenMemory ?? default;

        public void Add(ReadOnlySpan<byte> quotedName, ReadOnlySpan<byte> value)
        {
            output ??= new ArrayBufferWriter<byte>(Math.Max(64, capacityBytes));
            if (output.WrittenCount > 0)
            {
                output.Write(","u8);
            }

            output.Write(quotedName);
            output.Write(":"u8);
            output.Write(value);
        }
    }
}
