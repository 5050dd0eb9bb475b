using System.Collections.Immutable;
using System.Globalization;
using System.IO.Enumeration;
using System.Text;
using Muniment.Gateway.Llm.Json;
using Muniment.Gateway.Llm.Surfaces;
using Muniment.Gateway.Llm.Texts;
using Muniment.Policy.Documents;

namespace Muniment.Gateway.Llm.Requests;

/// <summary>Changes a call as policy says, by edits of exactly the members concerned.</summary>
internal static class RequestEditor
{
    /// <summary>Members that bound the output, in all APIs.</summary>
    public static readonly ImmutableArray<ReadOnlyMemory<byte>> OutputNames = ["max_tokens"u8.ToArray(), "max_completion_tokens"u8.ToArray(), "max_output_tokens"u8.ToArray()];

    // Models that refuse max_tokens.
    private static readonly string[] CompletionTokenModels = ["o1", "o3", "o4", "gpt-5"];

    /// <summary>Adds the edits of changes.</summary>
    /// <returns>Whether a tool was taken out.</returns>
    public static bool Change(LlmRequest request, PolicyChanges changes, string? model, JsonEdits edits)
    {
        bool removed = false;
        foreach (int call in Calls(request))
        {
            if (model is not null)
            {
                Set(request.Tape, call, "model"u8, JsonText(model), edits);
            }

            if (changes.MaxTokens is { } most && request.Surface.Kind is not (SurfaceKind.Embeddings or SurfaceKind.CountTokens))
            {
                Cap(request, call, most, model ?? request.Model, edits);
            }

            removed |= !changes.ToolsRemove.IsEmpty && RemoveTools(request.Tape, call, changes.ToolsRemove, edits);
        }

        return removed;
    }

    // The objects that are calls: the document itself, each call of a batch in one, none where the calls lie in a file.
    private static IEnumerable<int> Calls(LlmRequest request)
    {
        if (request.Surface.Kind is SurfaceKind.FileBatch)
        {
            yield break;
        }

        if (request.Surface.Kind is not SurfaceKind.MessageBatch)
        {
            yield return 0;
            yield break;
        }

        for (int item = request.Tape.FirstChild(request.Tape.Member(0, "requests"u8)); item >= 0; item = request.Tape.NextSibling(item))
        {
            if (request.Tape.Member(item, "params"u8) is >= 0 and int call && request.Tape[call].Kind is JsonKind.Object)
            {
                yield return call;
            }
        }
    }

    /// <summary>Puts another model in its place.</summary>
    public static void SetModel(JsonTape tape, string model, JsonEdits edits) => Set(tape, 0, "model"u8, JsonText(model), edits);

    /// <summary>Asks for the usage of a stream of chat.</summary>
    public static void AskUsage(JsonTape tape, JsonEdits edits)
    {
        int options = tape.Member(0, "stream_options"u8);
        if (options < 0 || tape[options].Kind is not JsonKind.Object)
        {
            Set(tape, 0, "stream_options"u8, "{\"include_usage\":true}"u8, edits);
            return;
        }

        int asked = tape.Member(options, "include_usage"u8);
        if (asked >= 0)
        {
            edits.Replace(tape[asked].Start, tape[asked].End, "true"u8);
        }
        else
        {
            edits.Replace(tape[options].Start + 1, tape[options].Start + 1, tape.FirstChild(options) < 0 ? "\"include_usage\":true"u8 : "\"include_usage\":true,"u8);
        }
    }

    /// <summary>Takes blocks of signed reasoning out of their arrays.</summary>
    public static void DropReasoning(JsonTape tape, ISet<int> nodes, JsonEdits edits)
    {
        foreach (int array in nodes.Select(node => tape[tape[node].Parent].Parent).Distinct().ToArray())
        {
            if (array >= 0 && tape[array].Kind is JsonKind.Array)
            {
                JsonRemoval.RemoveElements(tape, array, element => nodes.Any(node => tape[node].Parent == element), edits);
            }
        }
    }

    private static void Cap(LlmRequest request, int call, long most, string? model, JsonEdits edits)
    {
        bool found = false;
        byte[] text = Encoding.ASCII.GetBytes(most.ToString(CultureInfo.InvariantCulture));
        foreach (ReadOnlyMemory<byte> name in OutputNames)
        {
            int member = request.Tape.Member(call, name.Span);
            if (!request.Tape.IsNull(member))
            {
                found = true;
                if (request.Tape.Number(member) is var asked && (asked < 0 || asked > most))
                {
                    edits.Replace(request.Tape[member].Start, request.Tape[member].End, text);
                }
            }
        }

        if (!found)
        {
            bool newer = model is not null && CompletionTokenModels.Any(prefix => model.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
            Set(request.Tape, call, request.Surface.Kind is SurfaceKind.Responses ? "max_output_tokens"u8 : newer && request.Surface.Kind is SurfaceKind.Chat ? "max_completion_tokens"u8 : "max_tokens"u8, text, edits);
        }
    }

    private static bool RemoveTools(JsonTape tape, int call, ImmutableArray<string> patterns, JsonEdits edits)
    {
        bool removed = false;
        foreach (ReadOnlyMemory<byte> list in (ReadOnlySpan<ReadOnlyMemory<byte>>)["tools"u8.ToArray(), "functions"u8.ToArray()])
        {
            int tools = tape.Member(call, list.Span);
            int count = JsonRemoval.RemoveElements(tape, tools, tool => Name(tape, tool) is { } name && patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, name)), edits);
            if (count == 0)
            {
                continue;
            }

            removed = true;
            int left = 0;
            for (int tool = tape.FirstChild(tools); tool >= 0; tool = tape.NextSibling(tool))
            {
                left++;
            }

            if (left == count)
            {
                JsonRemoval.RemoveMember(tape, tools, edits);
            }

            // A choice that names a tool which is gone would be refused upstream.
            foreach (ReadOnlyMemory<byte> choice in (ReadOnlySpan<ReadOnlyMemory<byte>>)["tool_choice"u8.ToArray(), "function_call"u8.ToArray()])
            {
                int member = tape.Member(call, choice.Span);
                if (member >= 0 && (left == count || tape[member].Kind is JsonKind.Object))
                {
                    JsonRemoval.RemoveMember(tape, member, edits);
                }
            }
        }

        return removed;
    }

    /// <summary>A tool's name in any of the APIs; its type when it has none.</summary>
    public static string? Name(JsonTape tape, int tool) =>
        tape.TextOf(tape.Member(tool, "function"u8), "name"u8) ?? tape.TextOf(tape.Member(tool, "custom"u8), "name"u8) ?? tape.TextOf(tool, "name"u8) ?? tape.TextOf(tool, "type"u8);

    private static void Set(JsonTape tape, int call, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, JsonEdits edits)
    {
        int member = tape.Member(call, name);
        if (member >= 0)
        {
            edits.Replace(tape[member].Start, tape[member].End, value);
            return;
        }

        string text = $"\"{Encoding.UTF8.GetString(name)}\":{Encoding.UTF8.GetString(value)}{(tape.FirstChild(call) < 0 ? "" : ",")}";
        edits.Replace(tape[call].Start + 1, tape[call].Start + 1, Encoding.UTF8.GetBytes(text));
    }

    private static byte[] JsonText(string text)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>(text.Length + 2);
        JsonStrings.Encode(text, output);
        return output.WrittenSpan.ToArray();
    }
}
