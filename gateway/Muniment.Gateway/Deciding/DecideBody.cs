using System.Collections.Immutable;
using System.Text.Json;
using Muniment.Events.Canonical;
using Muniment.Gateway.Administration;
using Muniment.Gateway.Access;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Deciding;

/// <summary>The body of <c>POST decide</c> as a call, with what is needed to give its content back changed.</summary>
internal sealed class DecideBody
{
    /// <summary>Longest name of an action, target, model, tool, session.</summary>
    public const int MaxNameLength = 256;

    /// <summary>Most texts that are looked at one by one; a body with more is refused.</summary>
    public const int MaxTexts = 10_000;

    private readonly JsonElement _content;
    private readonly JsonElement _args;
    private readonly string? _command;

    private DecideBody(DecisionCall call, JsonElement content, JsonElement args, string? command)
    {
        Call = call;
        _content = content;
        _args = args;
        _command = command;
    }

    /// <summary>What is to be decided.</summary>
    public DecisionCall Call { get; }

    /// <summary>Reads the fields; null when one of them is wrong, which they then say.</summary>
    public static DecideBody? Read(JsonFields body, Caller caller, DecisionContext context)
    {
        string? action = body.Text("action", EventLimits.MaxActionLength, required: true);
        string? target = body.Text("target", MaxNameLength);
        string? model = body.Text("model", MaxNameLength);
        string? session = body.Text("session", MaxNameLength);
        string? correlation = body.Text("correlation", DecisionContext.MaxIdLength);
        string? mode = body.Text("mode", 64);
        string? agent = body.Text("agent", 64);
        string? project = body.Text("project", MaxNameLength);
        JsonElement content = body.Any("content");
        ActorPart? claimed = Actor(body, out JsonFields? actorFields);
        JsonFields? toolFields = body.Object("tool");
        JsonElement args = toolFields?.Any("args") ?? default;
        DecisionTool? tool = toolFields is null ? null : new DecisionTool
        {
            Name = toolFields.Text("name", MaxNameLength),
            Namespace = toolFields.Text("namespace", 64),
            Server = toolFields.Text("server", MaxNameLength),
            Command = Command(toolFields),
            Args = args.ValueKind is JsonValueKind.Undefined ? default : JsonSerializer.SerializeToUtf8Bytes(args),
        };
        if (action is not null && (!action.Contains('.', StringComparison.Ordinal) || action is DecisionActions.ModelRespond or DecisionActions.EventIngest))
        {
            body.Fail("action", "resource.verb of something that is asked for, such as tool.call, command.execute or model.invoke", 0);
        }

        var texts = ImmutableArray.CreateBuilder<InspectedText>();
        bool readable = JsonTexts.TryCollect(content, "/content", "user", texts, MaxTexts);
        if (tool?.Command is { } command)
        {
            texts.Add(new InspectedText("/tool/command", "tool_args", command));
        }

        readable &= JsonTexts.TryCollect(args, "/tool/args", "tool_args", texts, MaxTexts);
        if (!readable)
        {
            body.Fail("content", $"at most {MaxTexts} texts, here and in tool.args, without half surrogate pairs", 0);
        }

        if (body.Finish(toolFields, actorFields) is not null)
        {
            return null;
        }

        (DecisionCaller who, IReadOnlyDictionary<string, string>? said) = DecisionCallers.Of(caller, context, claimed, project, session, agent);
        var request = new DecisionRequest { Action = action!, Caller = who, Target = target, Model = model, Mode = mode, Tool = tool, Texts = texts.ToImmutable() };
        return new DecideBody(new DecisionCall(caller, request, context with { Correlation = correlation ?? context.Correlation }) { Claimed = said }, Kept(content), Kept(args), tool?.Command);
    }

    /// <summary>Writes <c>content</c>, and <c>tool</c> where its texts were changed, with the texts in the order of the request's.</summary>
    public void Write(Utf8JsonWriter json, ImmutableArray<string> texts)
    {
        int at = 0;
        json.WritePropertyName("content"u8);
        JsonTexts.Write(json, _content, texts, ref at);
        if (_command is null && _args.ValueKind is JsonValueKind.Undefined)
        {
            return;
        }

        json.WriteStartObject("tool"u8);
        if (_command is not null)
        {
            json.WriteString("command"u8, texts[at++]);
        }

        if (_args.ValueKind is not JsonValueKind.Undefined)
        {
            json.WritePropertyName("args"u8);
            JsonTexts.Write(json, _args, texts, ref at);
        }

        json.WriteEndObject();
    }

    // The answer is written when the body is gone.
    private static JsonElement Kept(JsonElement element) => element.ValueKind is JsonValueKind.Undefined ? element : element.Clone();

    // A command has lines; only NUL and half surrogate pairs cannot be one.
    private static string? Command(JsonFields tool)
    {
        JsonElement command = tool.Any("command");
        if (command.ValueKind is JsonValueKind.Undefined)
        {
            return null;
        }

        string? text = null;
        try
        {
            text = command.ValueKind is JsonValueKind.String ? command.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair.
        }

        return text is not null && !text.Contains('\0', StringComparison.Ordinal) ? text : tool.Fail<string?>("command", "a text", null);
    }

    private static ActorPart? Actor(JsonFields body, out JsonFields? actorFields)
    {
        actorFields = null;
        JsonElement actor = body.Any("actor");
        if (actor.ValueKind is JsonValueKind.String)
        {
            return body.Text("actor", MaxNameLength) is { } text ? DecisionCallers.Actor(text) : null;
        }

        JsonFields? fields = body.Object("actor");
        if (fields is null)
        {
            return null;
        }

        var part = new ActorPart { Id = fields.Text("id", MaxNameLength), Type = fields.Text("type", 16), User = fields.Text("user", MaxNameLength) };
        if (part.Type is not (null or "user" or "agent" or "service" or "key"))
        {
            fields.Fail("type", "user, agent, service or key", 0);
        }

        actorFields = fields;
        return part;
    }
}
