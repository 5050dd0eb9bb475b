using Muniment.Policy.Documents;

namespace Muniment.Policy.Evaluation;

/// <summary>Names whose use counts together.</summary>
internal static class LimitSubjects
{
    /// <summary><c>user:…</c> and so on. Who has no user or session counts by key, so that leaving a name out is no way round a limit.</summary>
    public static string Of(LimitSubject per, DecisionCaller caller) => per switch
    {
        LimitSubject.User when caller.User is { } user => "user:" + user.ToLowerInvariant(),
        LimitSubject.Session when caller.Session is { } session => "session:" + session,
        LimitSubject.Project => "project:" + caller.Project?.ToLowerInvariant(),
        _ => "key:" + caller.KeyId,
    };
}
