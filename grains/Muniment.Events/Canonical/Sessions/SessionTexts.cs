using Muniment.Events.Mapping;

namespace Muniment.Events.Canonical.Sessions;

/// <summary>Strings that neighbouring events repeat. Sessions have slots of their own, because far more of them run at a time than there are users, agents and projects.</summary>
internal sealed class SessionTexts
{
    public Utf8StringCache Sessions { get; } = new(4096);

    public Utf8StringCache Others { get; } = new(1024);
}
