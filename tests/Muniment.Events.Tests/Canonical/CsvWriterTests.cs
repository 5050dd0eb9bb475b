using System.Buffers;
using System.Text;
using Muniment.Events.Canonical.Writing;
using static Muniment.Events.Tests.Canonical.Reading;

namespace Muniment.Events.Tests.Canonical;

public sealed class CsvWriterTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"x\"", "\"say \"\"x\"\"\"")]
    [InlineData("two\nlines", "\"two\nlines\"")]
    [InlineData("=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\"")]
    [InlineData("+1", "\"'+1\"")]
    [InlineData("-1", "\"'-1\"")]
    [InlineData("@x", "\"'@x\"")]
    [InlineData("\tx", "\"'\tx\"")]
    [InlineData("\rx", "\"'\rx\"")]
    public void CellsAreQuotedAndFormulasDisarmed(string cell, string expected)
    {
        var line = new StringBuilder();
        CsvWriter.AppendCell(line, cell, isText: true);
        Assert.Equal(expected, line.ToString());
    }

    [Fact]
    public void AnEventIsOneLineUnderTheHeader()
    {
        var output = new ArrayBufferWriter<byte>();
        CsvWriter.WriteHeader(output);
        CsvWriter.Write(Read("""{"actor":"=a","action":"x","result":"info","reason":"a,\"b","tool":{"exit_code":-1},"details":{"k":[1,"é"]}}"""), output);
        string[] lines = Encoding.UTF8.GetString(output.WrittenSpan).Split("\r\n");
        Assert.Equal(3, lines.Length);
        Assert.Equal("", lines[2]);
        List<string> names = Split(lines[0]), cells = Split(lines[1]);
        Assert.Equal(names.Count, cells.Count);
        Assert.Equal(("'=a", "a,\"b", "-1", "{\"k\":[1,\"é\"]}"), (cells[names.IndexOf("actor.id")], cells[names.IndexOf("reason")], cells[names.IndexOf("tool.exit_code")], cells[names.IndexOf("details")]));
    }

    private static List<string> Split(string line)
    {
        var cells = new List<string>();
        var cell = new StringBuilder();
        bool quoted = false;
        for (int i = 0; i < line.Length; i++)
        {
            if (quoted && line[i] == '"' && i + 1 < line.Length && line[i + 1] == '"') { cell.Append('"'); i++; }
            else if (line[i] == '"') { quoted = !quoted; }
            else if (line[i] == ',' && !quoted) { cells.Add(cell.ToString()); cell.Clear(); }
            else { cell.Append(line[i]); }
        }

        cells.Add(cell.ToString());
        return cells;
    }
}
