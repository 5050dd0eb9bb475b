using System.Collections.Immutable;
using System.Text.Json;
using Muniment.Messages.Tenants;

namespace Muniment.Grains.Tenants;

/// <summary>
/// Hierarchical settings: organisation → project → user. A scope may lock keys; lower scopes can then not set them, and what they had set before does not count.
/// </summary>
public static class SettingsRules
{
    /// <summary>The highest scope.</summary>
    public const string Org = "org";

    /// <summary>Settings of one scope; version 0 and empty before the first change.</summary>
    public static SettingsMessage Get(TenantDocument document, string scope) =>
        document.Settings.TryGetValue(scope, out ScopeRecord? record)
            ? new SettingsMessage(scope, record.Version, [.. record.Values.Select(value => new SettingMessage(value.Key, value.Value.GetRawText(), scope))], [.. record.Locks])
            : new SettingsMessage(scope, 0, [], []);

    /// <summary>What counts for a user in a project. The version is the sum of those it was made from, so it grows with each change of any.</summary>
    public static SettingsMessage Effective(TenantDocument document, string? project, string? user)
    {
        var values = new SortedDictionary<string, SettingMessage>(StringComparer.Ordinal);
        var locks = new SortedSet<string>(StringComparer.Ordinal);
        long version = 0;
        foreach (string scope in Scopes(project, user))
        {
            if (!document.Settings.TryGetValue(scope, out ScopeRecord? record))
            {
                continue;
            }

            version += record.Version;
            foreach ((string key, JsonElement value) in record.Values)
            {
                if (!locks.Contains(key))
                {
                    values[key] = new SettingMessage(key, value.GetRawText(), scope);
                }
            }

            locks.UnionWith(record.Locks);
        }

        return new SettingsMessage("effective", version, [.. values.Values], [.. locks]);
    }

    /// <summary>Replaces a scope.</summary>
    public static (TenantDocument Document, TenantChange Change) Put(TenantDocument document, SettingsMessage settings)
    {
        if (document.Tenant is null)
        {
            return (document, TenantRules.Refused(TenantChangeStatus.NotFound, "tenant"));
        }

        document.Settings.TryGetValue(settings.Scope, out ScopeRecord? before);
        long version = before?.Version ?? 0;
        if (settings.Version >= 0 && settings.Version != version)
        {
            return (document, TenantRules.Refused(TenantChangeStatus.Conflict, $"the settings were changed meanwhile: version {version} is in force"));
        }

        if (settings.Scope != Org && document.Settings.TryGetValue(Org, out ScopeRecord? org)
            && settings.Values.Select(value => value.Key).Concat(settings.Locks).FirstOrDefault(org.Locks.Contains) is { } locked)
        {
            return (document, TenantRules.Refused(TenantChangeStatus.Locked, locked));
        }

        if (before is null && document.Settings.Count >= TenantLimits.MaxSettingsScopes)
        {
            return (document, TenantRules.Refused(TenantChangeStatus.LimitReached, $"{TenantLimits.MaxSettingsScopes} scopes"));
        }

        ScopeRecord after = new(
            version + 1,
            settings.Values.ToImmutableSortedDictionary(value => value.Key, value => JsonElement.Parse(value.ValueJson), StringComparer.Ordinal),
            settings.Locks.ToImmutableSortedSet(StringComparer.Ordinal));
        if (before is not null && Same(before, after))
        {
            return (document, new TenantChange(TenantChangeStatus.Unchanged, version, default, TenantViews.Settings(settings.Scope, before), null));
        }

        return (document with { Settings = document.Settings.SetItem(settings.Scope, after) }, new TenantChange(
            TenantChangeStatus.Done,
            after.Version,
            before is null ? default : TenantViews.Settings(settings.Scope, before),
            TenantViews.Settings(settings.Scope, after),
            null));
    }

    private static bool Same(ScopeRecord one, ScopeRecord other) =>
        one.Locks.SetEquals(other.Locks)
        && one.Values.Count == other.Values.Count
        && one.Values.All(value => other.Values.TryGetValue(value.Key, out JsonElement element) && JsonElement.DeepEquals(value.Value, element));

    private static IEnumerable<string> Scopes(string? project, string? user)
    {
        yield return Org;
        if (project is not null)
        {
            yield return "project:" + project;
        }

        if (user is not null)
        {
            yield return "user:" + user;
        }
    }
}
