using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Muniment.Gateway.Llm.Json;
using Muniment.Gateway.Llm.Texts;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Mcp;

/// <summary>The JSON-RPC message of a request, read; empty for a request without a body.</summary>
internal sealed partial class McpMessage
{
    // What decisions go by.
    private static readonly FrozenSet<string> ReadNames = FrozenSet.ToFrozenSet(["jsonrpc", "id", "method", "params", "result", "error", "name", "uri", "ref", "arguments"]);

    /// <summary>Its values.</summary>
    public JsonTape Tape { get; } = new();

    /// <summary>Its texts.</summary>
    public TextFinder Finder { get; } = new();

    /// <summary>Its method; null for an answer to the server, and without a body.</summary>
    public string? Method { get; private set; }

    /// <summary>Its id as written; empty for a notification.</summary>
    public byte[] Id { get; private set; } = [];

    /// <summary>Whether it wants an answer.</summary>
    public bool IsRequest => Method is not null && Id.Length > 0;

    /// <summary>Whether it runs something or fetches content.</summary>
    public bool IsCall => Kind is "tools/call" or "resources/read" or "prompts/get" or "completion/complete";

    // Servers that ignore case exist; ours must not be blind where they are not.
    private string? Kind => Method?.ToLowerInvariant();

    /// <summary>What it calls: a tool, a prompt, or a resource by its address.</summary>
    public string? Tool { get; private set; }

    /// <summary>The command, when an argument of that name is a text.</summary>
    public string? Command { get; private set; }

    /// <summary>The arguments as JSON.</summary>
    public ReadOnlyMemory<byte> Arguments { get; private set; }

    /// <summary>The error of the answer (JSON-RPC), or null.</summary>
    public long? ErrorCode { get; private set; }

    /// <summary>Whether the tool itself said that it failed; null when it said nothing.</summary>
    public bool? IsError { get; private set; }

    /// <summary>Reads it.</summary>
    public bool TryRead(ReadOnlyMemory<byte> body, [NotNullWhen(false)] out string? expected)
    {
        expected = null;
        JsonFault fault = Tape.Read(body, refuseRepeated: true);
        if (fault is not JsonFault.None || Tape[0].Kind is not JsonKind.Object || !Tape.IsText(Tape.Member(0, "jsonrpc"u8), "2.0"u8))
        {
            expected = fault is JsonFault.Repeated ? "no member twice in one object" : "one JSON-RPC 2.0 message in UTF-8; batches are not carried, as the protocol has dropped them";
            return false;
        }

        if (Tape.HasInOtherCase(0, ReadNames) || Tape.HasInOtherCase(Tape.Member(0, "params"u8), ReadNames) || Tape.HasInOtherCase(Tape.Member(Tape.Member(0, "params"u8), "ref"u8), ReadNames))
        {
            expected = "members of the protocol in small letters: some readers take no notice of case, and others do";
            return false;
        }

        int method = Tape.Member(0, "method"u8);
        int id = Tape.Member(0, "id"u8);
        Method = method >= 0 && Tape[method].Kind is JsonKind.String ? Tape.Text(method) : null;
        if (method >= 0 && (Method is null || !MethodName().IsMatch(Method)))
        {
            expected = "method: a name of letters, digits and / _ - . $";
            return false;
        }

        Id = Tape.IsNull(id) ? [] : Tape.Raw(id).ToArray();
        int parameters = Tape.Member(0, "params"u8);
        if (IsCall)
        {
            // By what the method itself reads: another member beside it must not stand for it.
            int reference = Tape.Member(parameters, "ref"u8);
            Tool = Kind switch
            {
                "resources/read" => Tape.TextOf(parameters, "uri"u8),
                "completion/complete" => Tape.TextOf(reference, "name"u8) ?? Tape.TextOf(reference, "uri"u8),
                _ => Tape.TextOf(parameters, "name"u8),
            };
            if (Tool is null)
            {
                expected = $"{Method} to name what it calls: params.{(Kind is "resources/read" ? "uri" : Kind is "completion/complete" ? "ref.name or ref.uri" : "name")} as a text";
                return false;
            }

            int arguments = Tape.Member(parameters, "arguments"u8);
            if (arguments >= 0)
            {
                Arguments = body[Tape[arguments].Start..Tape[arguments].End];
                Command = Tape.TextOf(arguments, "command"u8) ?? Tape.TextOf(arguments, "cmd"u8);
            }
        }

        Finder.Find(Tape);
        return true;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9/_.$-]{1,128}\z")]
    private static partial Regex MethodName();

    /// <summary>The texts as decisions see them.</summary>
    public ImmutableArray<InspectedText> InspectedTexts() =>
        [.. Finder.Texts.Where(site => Tape[site.Node].Parent != 0).Select(site => new InspectedText(Tape.Pointer(site.Node), site.Role.Name(), site.Text))];

    /// <summary>Whether a message of the server is the answer to this one; keeps what it says of success.</summary>
    public bool IsAnsweredBy(JsonTape answer)
    {
        int id = answer.Member(0, "id"u8);
        if (!IsRequest || answer.Member(0, "method"u8) >= 0 || answer.IsNull(id) || !answer.Raw(id).SequenceEqual(Id))
        {
            return false;
        }

        int error = answer.Member(0, "error"u8);
        if (error >= 0)
        {
            int code = answer.Member(error, "code"u8);
            ErrorCode = code >= 0 && System.Buffers.Text.Utf8Parser.TryParse(answer.Raw(code), out long number, out _) ? number : 0;
        }

        int failed = answer.Member(answer.Member(0, "result"u8), "isError"u8);
        IsError = error >= 0 ? null : answer.IsTrue(failed);
        return true;
    }
}
