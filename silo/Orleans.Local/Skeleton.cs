#pragma warning disable CS1591, SA1402
namespace Orleans
{
    public interface IAddressable;
    public interface IGrain : IAddressable;
    public interface IGrainWithStringKey : IGrain;
    [AttributeUsage(AttributeTargets.All)] public sealed class GenerateSerializerAttribute : Attribute;
    [AttributeUsage(AttributeTargets.All)] public sealed class ImmutableAttribute : Attribute;
    [AttributeUsage(AttributeTargets.All)] public sealed class IdAttribute(uint id) : Attribute { public uint Id => id; }
    [AttributeUsage(AttributeTargets.All)] public sealed class AliasAttribute(string alias) : Attribute { public string Alias => alias; }
}
namespace Orleans.Concurrency { [AttributeUsage(AttributeTargets.All)] public sealed class AlwaysInterleaveAttribute : Attribute; }
namespace Orleans.Runtime { public readonly struct GrainIdSkeleton; }
namespace Orleans.Hosting { public static class HostingSkeleton; }
