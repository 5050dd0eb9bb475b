namespace Muniment.Architecture.Planted;

/// <summary>This type breaks that rule, and only that one.</summary>
[AttributeUsage(AttributeTargets.All)]
public sealed class FaultAttribute(string rule) : Attribute
{
    public string Rule => rule;
}
