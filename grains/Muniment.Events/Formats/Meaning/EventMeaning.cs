using Muniment.Events.Canonical;

namespace Muniment.Events.Formats.Meaning;

/// <summary>What formats that have classes need to know of an event. Computed without allocation.</summary>
/// <param name="Family">What it is about.</param>
/// <param name="Verb">What was done.</param>
/// <param name="Severity">How grave.</param>
/// <param name="Status">How it ended.</param>
internal readonly record struct EventMeaning(ActionFamily Family, ActionVerb Verb, EventSeverity Severity, EventStatus Status)
{
    /// <summary>Reads an event.</summary>
    public static EventMeaning Of(CanonicalEvent e)
    {
        ActionWords.Classify(e.Action, out ActionFamily family, out ActionVerb verb);
        if (e.Stream == "alert")
        {
            family = ActionFamily.Alert;
        }
        else if (family is ActionFamily.Tool && e.Tool is { } tool)
        {
            family = tool.Command is not null ? ActionFamily.Command : tool.Namespace == "mcp" || tool.Server is not null ? ActionFamily.Mcp : family;
        }
        else if (family is ActionFamily.Other)
        {
            family = Guess(e);
        }

        return new EventMeaning(family, verb, SeverityOf(e, family), StatusOf(e.Result));
    }

    /// <summary>Whether a control decided: then formats say what it did.</summary>
    public static bool IsControlled(CanonicalEvent e) => e.Stream == "decision" || e.Result is "allowed" or "denied" or "modified" or "redacted";

    private static ActionFamily Guess(CanonicalEvent e) => e switch
    {
        { Stream: "admin" } => ActionFamily.Configuration,
        { Tool.Command: not null } => ActionFamily.Command,
        { Tool.Server: not null } or { Tool.Namespace: "mcp" } => ActionFamily.Mcp,
        { Tool.Name: not null } => ActionFamily.Tool,
        { Model.Requested: not null } or { Model.Served: not null } => ActionFamily.Model,
        _ => ActionFamily.Other,
    };

    /// <summary>The risk where one is known, else by the result. An alert is never under medium.</summary>
    private static EventSeverity SeverityOf(CanonicalEvent e, ActionFamily family)
    {
        EventSeverity severity = e.Risk switch
        {
            "critical" => EventSeverity.Critical,
            "high" => EventSeverity.High,
            "medium" => EventSeverity.Medium,
            "low" => EventSeverity.Low,
            _ => e.Result switch
            {
                "denied" => EventSeverity.Medium,
                "failure" or "error" or "modified" or "redacted" => EventSeverity.Low,
                _ => EventSeverity.Informational,
            },
        };
        return family == ActionFamily.Alert && severity < EventSeverity.Medium ? EventSeverity.Medium : severity;
    }

    private static EventStatus StatusOf(string result) => result switch
    {
        "denied" or "failure" or "error" => EventStatus.Failure,
        "allowed" or "success" or "modified" or "redacted" => EventStatus.Success,
        _ => EventStatus.Unknown,
    };
}
