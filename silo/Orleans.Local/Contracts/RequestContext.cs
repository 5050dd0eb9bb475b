using System.Collections.Immutable;

namespace Orleans.Runtime;

/// <summary>Values that flow with a call to the callee and on to whom it calls, never back.</summary>
public static class RequestContext
{
    private static readonly AsyncLocal<ImmutableDictionary<string, object>?> Values = new();

    /// <summary>The names that are set.</summary>
    public static IEnumerable<string> Keys => Values.Value?.Keys ?? [];

    /// <summary>What is set.</summary>
    public static IEnumerable<KeyValuePair<string, object>> Entries => Values.Value ?? ImmutableDictionary<string, object>.Empty;

    /// <summary>What this flow of control carries; handing it over copies nothing because it never changes.</summary>
    internal static ImmutableDictionary<string, object>? Current
    {
        get => Values.Value;
        set => Values.Value = value;
    }

    /// <summary>The value, or null.</summary>
    public static object? Get(string key) => Values.Value?.GetValueOrDefault(key);

    /// <summary>Sets a value for this flow of control and the calls it makes from now on.</summary>
    public static void Set(string key, object value) => Values.Value = (Values.Value ?? ImmutableDictionary<string, object>.Empty).SetItem(key, value);

    /// <summary>Removes a value; true when it was set.</summary>
    public static bool Remove(string key)
    {
        if (Values.Value is not { } values || !values.ContainsKey(key)) return false;
        Values.Value = values.Remove(key) is { IsEmpty: false } rest ? rest : null;
        return true;
    }

    /// <summary>Removes all values.</summary>
    public static void Clear() => Values.Value = null;
}
