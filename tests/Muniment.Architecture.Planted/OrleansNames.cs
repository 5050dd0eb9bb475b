namespace Orleans
{
    [AttributeUsage(AttributeTargets.All)]
    public sealed class GenerateSerializerAttribute : Attribute;

    [AttributeUsage(AttributeTargets.All)]
    public sealed class ImmutableAttribute : Attribute;

    [AttributeUsage(AttributeTargets.All)]
    public sealed class IdAttribute(uint id) : Attribute
    {
        public uint Id => id;
    }

    [AttributeUsage(AttributeTargets.All)]
    public sealed class AliasAttribute(string alias) : Attribute
    {
        public string Alias => alias;
    }

    [AttributeUsage(AttributeTargets.All)]
    public sealed class GrainTypeAttribute(string name) : Attribute
    {
        public string Name => name;
    }

    public interface IGrain : Runtime.IAddressable;

    public interface IGrainWithStringKey : IGrain;

    public interface IGrainBase;

    public abstract class Grain : IGrainBase, Runtime.IAddressable
    {
        protected static T GetGrain<T>(string key) => throw new NotSupportedException(key);
    }
}

namespace Orleans.Concurrency
{
    [AttributeUsage(AttributeTargets.All)]
    public sealed class AlwaysInterleaveAttribute : Attribute;
}

namespace Orleans.Runtime
{
    public interface IAddressable;

    public interface IPersistentState<T>
    {
        T State { get; set; }
    }

    [AttributeUsage(AttributeTargets.Parameter)]
    public sealed class PersistentStateAttribute(string name) : Attribute
    {
        public string Name => name;
    }
}
