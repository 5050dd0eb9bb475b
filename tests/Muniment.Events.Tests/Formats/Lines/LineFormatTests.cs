using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Muniment.Events.Canonical;
using Muniment.Events.Formats;
using Muniment.Events.Formats.Lines;
using Muniment.Events.Tests.Formats.Support;

namespace Muniment.Events.Tests.Formats.Lines;

/// <summary>CEF and LEEF, read back by parsers that were written from the descriptions.</summary>
public class LineFormatTests
{
    /// <summary>ArcSight's dictionary, as far as it is used: longest value in bytes.</summary>
    private static readonly Dictionary<string, int> s_cefLengths = new()
    {
        ["externalId"] = 40, ["cat"] = 1023, ["act"] = 63, ["outcome"] = 63, ["reason"] = 1023, ["msg"] = 1023, ["suser"] = 1023, ["suid"] = 1023, ["sourceServiceName"] = 1023, ["shost"] = 1023,
        ["destinationServiceName"] = 1023, ["sproc"] = 1023, ["filePath"] = 1023, ["fname"] = 1023, ["fileHash"] = 255, ["duser"] = 1023,
        ["cs1"] = 4000, ["cs2"] = 4000, ["cs3"] = 4000, ["cs4"] = 4000, ["cs5"] = 4000, ["cs6"] = 4000,
    };

    [Theory]
    [InlineData("cef")]
    [InlineData("leef")]
    public void Every_event_is_read_back_and_nothing_is_lost(string format)
    {
        IEventFormat writer = EventFormats.Find(format)!;
        Assert.Equal((format, false), (writer.Name, writer.IsJson));
        int cut = 0;
        foreach ((string name, CanonicalEvent e) in FormatEvents.All())
        {
            Dictionary<string, string> pairs = Read(format, FormatEvents.Write(writer, e, FormatEvents.Marks(e)));
            Assert.Equal(("log.example/acme", "siem-1", "3", "41"), (pairs["munimentOrigin"], pairs["munimentDestination"], pairs["munimentEpoch"], pairs["munimentN"]));
            Assert.Equal((e.Seq.ToString(), "010203ab" + new string('0', 56)), (pairs["munimentSeq"], pairs["munimentLeaf"]));
            if (pairs.ContainsKey("munimentEventBytes"))
            {
                cut++;
                Assert.True(Encoding.UTF8.GetByteCount(pairs["munimentEvent"]) <= LineFormat.MaxRestBytes);
                continue;
            }

            Losses.AssertNone(name, e, Tree(pairs));
        }

        Assert.True(cut < 60, $"{cut} events were cut");
    }

    [Fact]
    public void Cef_keeps_to_the_dictionary()
    {
        foreach ((string name, CanonicalEvent e) in FormatEvents.All())
        {
            CefLine line = new(Encoding.UTF8.GetString(FormatEvents.Write(EventFormats.Find("cef")!, e, EventMarks.None)));
            Assert.InRange(int.Parse(line.Header[6]), 0, 10);
            Assert.All(line.Header, field => Assert.DoesNotContain('\n', field));
            Assert.Equal(e.TimeNs / 1_000_000, long.Parse(line.Pairs["rt"]));
            foreach ((string key, string value) in line.Pairs)
            {
                Assert.True(!s_cefLengths.TryGetValue(key, out int longest) || Encoding.UTF8.GetByteCount(value) <= longest, $"{name}: {key} is longer than {longest}");
                Assert.True(key is "rt" or "src" or "c6a2" or "munimentEvent" or "munimentEventBytes" or "munimentEventSha256" || s_cefLengths.ContainsKey(key) || key.EndsWith("Label") || key.StartsWith("cn"), $"{name}: {key}");
                if (key.Length is 3 or 4 && char.IsAsciiDigit(key[^1]))
                {
                    Assert.NotEmpty(line.Pairs[key + "Label"]);
                }
            }

            Assert.True(!line.Pairs.TryGetValue("src", out string? source) || IPAddress.Parse(source).GetAddressBytes().Length == 4);
            Assert.DoesNotContain(line.Pairs.Keys, k => k.StartsWith("munimentO", StringComparison.Ordinal)); // no marks were asked for
        }
    }

    [Theory]
    [InlineData("cef")]
    [InlineData("leef")]
    public void Any_text_comes_back_whole(string format)
    {
        IEventFormat writer = EventFormats.Find(format)!;
        Gen<string> piece = Gen.OneOf(Gen.Elements(FormatEvents.Hostile), ArbMap.Default.GeneratorFor<string>().Select(s => s ?? ""), Gen.Elements("=", "\\", "|", "\t", " k=v", "\\=", "\\n", "\ud83d", "😀"));
        Prop.ForAll(Gen.ListOf(piece).Select(p => string.Concat(p)).Where(t => t.Length > 0).ToArbitrary(), text =>
        {
            CanonicalEvent e = FormatEvents.Make(FormatEvents.Full("tool.execute", "success", null), "activity", 4);
            (e.Target, e.Reason, e.Tool!.Command, e.Actor.User, e.Action) = (text, text, text, text, text);
            string read = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)); // half characters become U+FFFD in any UTF-8
            Dictionary<string, string> pairs = Read(format, FormatEvents.Write(writer, e, EventMarks.None));
            if (pairs.ContainsKey("munimentEventBytes"))
            {
                return;
            }

            JsonNode rest = JsonNode.Parse(pairs["munimentEvent"])!;
            Assert.True(pairs.GetValueOrDefault("reason") == read || (string?)rest["reason"] == read, "reason");
            Assert.True(pairs.Values.Contains(read) || (string?)rest["target"] == read, "target");
            Assert.True(pairs.Values.Contains(read) || (string?)rest["tool"]!["command"] == read, "command");
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("cef")]
    [InlineData("leef")]
    public void A_long_rest_is_cut_and_says_so(string format)
    {
        JsonObject full = FormatEvents.Full("tool.execute", "success", null);
        full["details"] = new JsonObject { ["text"] = string.Concat(Enumerable.Repeat("😀é=\\|", 4000)) };
        CanonicalEvent e = FormatEvents.Make(full, "activity", 4);
        byte[] bytes = FormatEvents.Write(EventFormats.Find(format)!, e, FormatEvents.Marks(e));
        Dictionary<string, string> pairs = Read(format, bytes);
        Assert.True(int.Parse(pairs["munimentEventBytes"]) > LineFormat.MaxRestBytes);
        Assert.Equal(64, pairs["munimentEventSha256"].Length);
        Assert.InRange(Encoding.UTF8.GetByteCount(pairs["munimentEvent"]), LineFormat.MaxRestBytes - 3, LineFormat.MaxRestBytes);
        Assert.DoesNotContain('\ufffd', pairs["munimentEvent"]);
        Assert.True(bytes.Length < 3 * LineFormat.MaxRestBytes);
    }

    [Fact]
    public void A_long_id_is_hashed_into_the_key_and_kept_whole_beside_it()
    {
        string id = new('i', 100);
        CanonicalEvent e = FormatEvents.Make(FormatEvents.Full("tool.execute", "success", null), "activity", 4);
        e.Id = id;
        CefLine line = new(Encoding.UTF8.GetString(FormatEvents.Write(EventFormats.Find("cef")!, e, EventMarks.None)));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)))[..40], line.Pairs["externalId"]);
        Assert.Equal(id, (string?)JsonNode.Parse(line.Pairs["munimentEvent"])!["id"]);
    }

    [Fact]
    public void Leef_says_its_time_format_and_severity()
    {
        CanonicalEvent e = FormatEvents.Make(FormatEvents.Full("command.execute", "denied", "critical"), "decision", 4);
        LeefLine line = new(Encoding.UTF8.GetString(FormatEvents.Write(EventFormats.Find("leef")!, e, EventMarks.None)));
        Assert.Equal(("2026-11-20T10:11:12.123Z", "yyyy-MM-dd'T'HH:mm:ss.SSSX", "10", "x09"), (line.Pairs["devTime"], line.Pairs["devTimeFormat"], line.Pairs["sev"], line.Header[5]));
        Assert.Equal(("command.execute", "203.0.113.7", "j.patel@acme.example"), (line.Header[4], line.Pairs["src"], line.Pairs["usrName"]));
    }

    [Theory]
    [InlineData("cef")]
    [InlineData("leef")]
    public void Writing_allocates_nothing_that_lasts(string format)
    {
        IEventFormat writer = EventFormats.Find(format)!;
        CanonicalEvent e = FormatEvents.Make(FormatEvents.Full("model.invoke", "allowed", "low"), "activity", 1);
        EventMarks marks = FormatEvents.Marks(e);
        System.Buffers.ArrayBufferWriter<byte> output = new(1 << 16);
        long before = 0;
        const int Rounds = 200;
        for (int i = 0; i < 2 * Rounds; i++)
        {
            before = i == Rounds ? GC.GetAllocatedBytesForCurrentThread() : before;
            output.ResetWrittenCount();
            writer.Write(e, marks, output);
        }

        long each = (GC.GetAllocatedBytesForCurrentThread() - before) / Rounds;
        Assert.True(each <= 64, $"{each} bytes an event");
    }

    private static Dictionary<string, string> Read(string format, byte[] bytes) => format == "cef" ? new CefLine(Encoding.UTF8.GetString(bytes)).Pairs : new LeefLine(Encoding.UTF8.GetString(bytes)).Pairs;

    private static JsonObject Tree(Dictionary<string, string> pairs)
    {
        JsonObject tree = [];
        foreach ((string key, string value) in pairs)
        {
            tree[key] = key == "munimentEvent" ? JsonNode.Parse(value) : value;
        }

        return tree;
    }
}
