using Muniment.Gateway.Llm.Texts;
using Muniment.Gateway.Llm.Json;

namespace Muniment.Gateway.Llm.Redaction;

/// <summary>Scrubs every text of a document by edits of exactly those strings.</summary>
internal static class DocumentScrubber
{
    /// <summary>Adds an edit for each text in which something was found.</summary>
    /// <param name="tape">The document.</param>
    /// <param name="texts">Its texts.</param>
    /// <param name="scrubber">The scrubber.</param>
    /// <param name="edits">Takes the edits.</param>
    /// <param name="prefix">What stands before the pointers.</param>
    /// <param name="signed">Takes the nodes of signed reasoning in which something was found: it must not be altered and is left as it is.</param>
    public static void Scrub(JsonTape tape, IReadOnlyList<TextSite> texts, Scrubber scrubber, JsonEdits edits, string prefix = "", ISet<int>? signed = null)
    {
        foreach (TextSite site in texts)
        {
            var place = new TextPlace(tape, site.Node, prefix);
            string? scrubbed = MayBeJson(site.Text) ? scrubber.ScrubJson(site.Text, place)
                : site is { Role: TextRole.ToolArguments, IsName: false } && tape[site.Node].NameLength > 0 ? scrubber.ScrubNamed(tape.Name(site.Node), site.Text, place)
                : scrubber.Scrub(site.Text, place);
            if (scrubbed is null)
            {
                continue;
            }

            if (site.Role is TextRole.SignedReasoning)
            {
                signed?.Add(site.Node);
            }
            else
            {
                site.Replace(tape, edits, scrubbed);
            }
        }
    }

    /// <summary>Whether a text looks like a JSON object or array.</summary>
    public static bool MayBeJson(string text)
    {
        ReadOnlySpan<char> trimmed = text.AsSpan().Trim(" \t\r\n");
        return trimmed is ['{', .., '}'] or ['[', .., ']'];
    }
}
