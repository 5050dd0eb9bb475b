using System.Collections.Immutable;

namespace Muniment.Messages.Tenants;

/// <summary>Settings of one scope.</summary>
/// <param name="Scope"><c>org</c>, <c>project:ID</c> or <c>user:ID</c>.</param>
/// <param name="Version">0 before the first change.</param>
/// <param name="Values">One element a key, sorted by key.</param>
/// <param name="Locks">Keys that lower scopes may not set, sorted.</param>
[GenerateSerializer, Immutable, Alias("muniment.tenant.settings")]
public sealed record SettingsMessage(
    [property: Id(0)] string Scope, [property: Id(1)] long Version, [property: Id(2)] ImmutableArray<SettingMessage> Values, [property: Id(3)] ImmutableArray<string> Locks);

/// <summary>One setting.</summary>
/// <param name="Key">Its name.</param>
/// <param name="ValueJson">Its value as JSON.</param>
/// <param name="From">Scope that it comes from.</param>
[GenerateSerializer, Immutable, Alias("muniment.tenant.setting")]
public sealed record SettingMessage([property: Id(0)] string Key, [property: Id(1)] string ValueJson, [property: Id(2)] string From);
