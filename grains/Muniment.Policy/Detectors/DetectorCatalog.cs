using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Muniment.Policy.Detectors;

/// <summary>The detectors that are built in, and their groups: <c>secrets</c>, <c>default</c>, <c>network</c>, <c>national</c> and one <c>national_xx</c> a country.</summary>
public static class DetectorCatalog
{
    /// <summary>Everything that stands for a credential.</summary>
    public const string Secrets = "secrets";

    /// <summary>What is looked for when nothing else is said: secrets, cards, accounts, addresses, US social security numbers, phones.</summary>
    public const string DefaultGroup = "default";

    /// <summary>All detectors; the index of each is its <see cref="DetectorId"/>.</summary>
    public static ImmutableArray<DetectorInfo> All { get; } = [.. Enumerable.Range(0, (int)DetectorId.Count).Select(i => Describe((DetectorId)i))];

    private static readonly FrozenDictionary<string, ImmutableArray<int>> ByName = Index();

    /// <summary>Every name that a policy may use, groups included, in order.</summary>
    public static ImmutableArray<string> Names { get; } = [.. ByName.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The detectors behind a name, or none.</summary>
    internal static bool TryFind(string name, out ImmutableArray<int> detectors) => ByName.TryGetValue(name, out detectors);

    private static DetectorInfo Describe(DetectorId id)
    {
        string name = string.Concat(id.ToString().Select((c, i) => i > 0 && char.IsAsciiLetterUpper(c) ? "_" + char.ToLowerInvariant(c) : char.ToLowerInvariant(c).ToString()));
        ImmutableArray<string> groups = id switch
        {
            <= DetectorId.Cookie => [Secrets, DefaultGroup],
            <= DetectorId.Phone => [DefaultGroup],
            <= DetectorId.CryptoAddress => ["network"],
            <= DetectorId.BrCnpj => ["national", "national_" + name[..2]],
            _ => [],
        };
        return new DetectorInfo(name, name.ToUpperInvariant(), groups, groups.Contains(DefaultGroup));
    }

    private static FrozenDictionary<string, ImmutableArray<int>> Index()
    {
        Dictionary<string, List<int>> found = new(StringComparer.Ordinal);
        for (int i = 0; i < All.Length; i++)
        {
            foreach (string name in All[i].Groups.Add(All[i].Name))
            {
                if (!found.TryGetValue(name, out List<int>? list))
                {
                    found[name] = list = [];
                }

                list.Add(i);
            }
        }

        return found.ToFrozenDictionary(p => p.Key, p => p.Value.ToImmutableArray(), StringComparer.Ordinal);
    }
}
